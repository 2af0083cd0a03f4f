"""What Meta's products have in common: envelope, door, Graph API."""
