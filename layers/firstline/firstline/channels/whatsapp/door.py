"""WhatsApp at the door: as everywhere at Meta."""

from ..meta.door import handshake, verify

__all__ = ["handshake", "verify"]
