"""Instagram at the door: as everywhere at Meta. Apps with Instagram Login sign with the Instagram app's own secret."""

from ..meta.door import handshake, verify

__all__ = ["handshake", "verify"]
