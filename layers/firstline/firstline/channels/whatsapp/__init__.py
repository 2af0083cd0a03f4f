"""WhatsApp, by the Cloud API: messages to the brand's numbers, and what became of its answers."""
