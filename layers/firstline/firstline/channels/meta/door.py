"""Meta at the door: ``hub.challenge`` and ``X-Hub-Signature-256``, the same for all of its products.

Source: Meta, Webhooks, Getting Started. The signature is ``sha256=`` and 64 lower-case hex digits over the bytes on the
wire, which hold non-ASCII as escapes: a body that was parsed and written again no longer fits.

The app secret also signs ``signed_request`` (``deletion``), which is base64url: no delivery may look like that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..answer import Answer, among, is_challenge, live, macs, must_be_no_challenge, must_match

SIGNATURE = "x-hub-signature-256"


def handshake(query: Mapping[str, str], secrets: Mapping[str, Any]) -> Answer | None:
    """Give the challenge back as it is; 403 without an echo for a wrong token, 400 for a challenge unlike Meta's (an
    integer) with the right one; None if this GET is no handshake."""
    mode, token, challenge = (query.get(f"hub.{name}") for name in ("mode", "verify_token", "challenge"))
    if mode is None and token is None and challenge is None:
        return None
    known = among(token or "", live(secrets, "verify_token"))
    if mode != "subscribe" or not known or challenge is None:
        return Answer(403, "text/plain", "")
    return Answer(200, "text/plain", challenge) if is_challenge(challenge) else Answer(400, "text/plain", "")


def verify(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, Any], now: datetime) -> None:
    """Raises Forged unless the body (raw bytes) was signed with a live app secret. Header names come in lower case.

    Meta signs no time: replays are known by their events' ids."""
    must_be_no_challenge(body)
    must_match(headers.get(SIGNATURE), [b"sha256=" + mac.hex().encode() for mac in macs(secrets, body)])
