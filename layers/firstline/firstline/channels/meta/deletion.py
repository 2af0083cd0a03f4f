"""Meta's data deletion callback: who asks, proven by ``signed_request``. Standard library only.

Source: Meta, data-deletion-callback: a form field ``signed_request`` = ``base64url(signature).base64url(json)``, an
HMAC-SHA256 with the app secret over the second part as it was sent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...model.errors import Forged, Malformed
from ..answer import macs, must_match, only_letters

CHANNELS = ("facebook", "messenger", "instagram", "whatsapp")
"""Where the person may be known by that id."""


class Asked(NamedTuple):
    """Who asks: the id under which the app knows the person, and a code that follows from the proof."""

    user_id: str
    code: str


def read(signed_request: str, secrets: Mapping[str, Any]) -> Asked:
    """Raises Forged unless it was signed with a live app secret, Malformed when it then names nobody.

    The code can't be guessed by whoever has not seen the signature, and is the same when Meta asks again.
    """
    signature, _, content = signed_request.partition(".")
    try:
        given = _bytes(signature).hex()
    except (binascii.Error, ValueError):
        raise Forged("signature malformed") from None
    if not only_letters(content.encode("utf-8", "replace")):
        raise Forged("content malformed")  # a webhook delivery, for one, is signed with the same secret
    must_match(given, [mac.hex().encode() for mac in macs(secrets, content.encode("utf-8", "replace"))])
    try:
        told = json.loads(_bytes(content))
        user_id = told["user_id"]
    except (binascii.Error, ValueError, LookupError, TypeError, RecursionError):
        raise Malformed("names nobody") from None
    user_id = str(user_id) if isinstance(user_id, int) and not isinstance(user_id, bool) else user_id
    if not isinstance(user_id, str) or not user_id.isascii() or not user_id.isalnum() or len(user_id) > 100:
        raise Malformed("names nobody")
    return Asked(user_id, hashlib.sha256(given.encode() + user_id.encode()).hexdigest()[:32])


def _bytes(part: str) -> bytes:
    return base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
