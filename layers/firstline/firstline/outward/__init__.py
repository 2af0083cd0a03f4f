"""The edges: queues, bodies in S3, secrets, playbooks, platforms over HTTP, mail. They know nothing of operations."""
