"""X: posts and direct messages."""
