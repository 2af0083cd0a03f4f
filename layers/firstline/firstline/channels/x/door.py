"""X at the door: the challenge-response check (CRC) and the signature.

Source: X webhooks/quickstart, August 2026. Both use the app's consumer secret, HMAC-SHA256, ``sha256=`` and base64.

So whoever gets a text of their choice signed as a challenge could post it as a delivery. Only a challenge as X sends it
(base64url of a UUID in 2026, beside a ``nonce`` that is not signed) is answered, and no delivery may look like one: no
message is both.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..answer import Answer, is_challenge, macs, must_be_no_challenge, must_match

SIGNATURE = "x-twitter-webhooks-signature"


def handshake(query: Mapping[str, str], secrets: Mapping[str, Any]) -> Answer | None:
    """Answer the CRC with the current secret; None if this GET is none, 400 for what is no token of X.

    Without a secret the answer is 403: X takes any 4xx for a passing fault and asks again.
    """
    token = query.get("crc_token")
    if token is None:
        return None
    if not is_challenge(token):
        return Answer(400, "text/plain", "")
    for mac in macs(secrets, token.encode("ascii")):
        return Answer(200, "application/json", f'{{"response_token":"{_encoded(mac).decode()}"}}')
    return Answer(403, "text/plain", "")


def verify(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, Any], now: datetime) -> None:
    """Raises Forged unless the body (raw bytes) was signed with a live secret. Header names come in lower case.

    X signs no time: replays are known by their posts' ids."""
    must_be_no_challenge(body)
    must_match(headers.get(SIGNATURE), [_encoded(mac) for mac in macs(secrets, body)])


def _encoded(mac: bytes) -> bytes:
    return b"sha256=" + b64encode(mac)
