"""Any other sender that signs by Standard Webhooks: review sites, forums, phone and e-mail systems, bridges."""
