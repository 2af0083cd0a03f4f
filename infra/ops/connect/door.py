"""Our own door, seen from outside: knocked at as a platform does, with what is right and with what is wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from firstline.channels.answer import live
from firstline.channels.generic import standard

TIMEOUT = 10
"""Seconds that X waits for an answer."""


@dataclass(frozen=True)
class Style:
    """How a platform knocks: ``hush`` is a body that is understood and tells of nothing."""

    hush: bytes
    sign: Callable[[str, bytes, float], Mapping[str, str]]
    """The signature's headers with a secret over a body, at that time (epoch seconds)."""
    challenge: Callable[[str], Mapping[str, str]]
    """The query of a handshake with this secret."""
    answers: Callable[[str, Mapping[str, str], str], bool]
    """Whether the text is the right answer to that query under that secret."""
    handshake_by: str
    """Which of the channel's secrets the handshake is about; empty where there is none."""
    stranger: Callable[[], str] = lambda: secrets.token_hex(16)
    """A secret as it would be, that nobody gave."""


def _mac(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def _x_token(secret: str, query: Mapping[str, str]) -> str:
    return "sha256=" + base64.b64encode(_mac(secret, query["crc_token"].encode())).decode()


X = Style(
    hush=b'{"for_user_id":"1","favorite_events":[]}',
    sign=lambda secret, body, now: {
        "x-twitter-webhooks-signature": "sha256=" + base64.b64encode(_mac(secret, body)).decode()
    },
    challenge=lambda secret: {"crc_token": secrets.token_urlsafe(36)},
    answers=lambda secret, query, text: _x_token(secret, query) in text,
    handshake_by="signing",
)
META = Style(
    hush=b'{"object":"page","entry":[]}',
    sign=lambda secret, body, now: {"x-hub-signature-256": "sha256=" + _mac(secret, body).hex()},
    challenge=lambda secret: {
        "hub.mode": "subscribe",
        "hub.verify_token": secret,
        "hub.challenge": secrets.token_hex(8),
    },
    answers=lambda secret, query, text: text == query["hub.challenge"],
    handshake_by="verify_token",
)


def _standard(secret: str, body: bytes, now: float) -> Mapping[str, str]:
    return standard.headers({"signing": [secret]}, f"msg_{secrets.token_hex(12)}", now, body)


def source_secret() -> str:
    """A new secret of a source: ``whsec_`` and base64 of 32 bytes."""
    return standard.PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


STANDARD = Style(
    hush=b'{"type":"ping"}',
    sign=_standard,
    challenge=lambda secret: {},
    answers=lambda secret, query, text: False,
    handshake_by="",
    stranger=source_secret,
)


class Door:
    """The door of one channel at its public address. ``session`` is what requests go over."""

    def __init__(self, url: str, style: Style, session: requests.Session, clock: Callable[[], float]) -> None:
        self.url = url
        self.style = style
        self._session = session
        self._clock = clock

    def shakes(self, part: Mapping[str, Any]) -> bool:
        """Whether a handshake with the newest of the secrets is answered rightly; without one, whether it is taken."""
        if not self.style.handshake_by:
            signing = live(part, "signing")
            return bool(signing) and self.takes(signing[0].decode())
        known = live(part, self.style.handshake_by)
        return bool(known) and self._handshake(known[0].decode())

    def refuses_strangers(self) -> bool:
        """Whether neither a stranger's handshake nor a forged or unsigned delivery gets through."""
        stranger = self.style.stranger()
        forged, unsigned = self._deliver(self._signed(stranger)), self._deliver({})
        shaken = bool(self.style.handshake_by) and self._handshake(stranger)
        return not shaken and forged in (401, 403) and unsigned in (401, 403)

    def knows(self, secret: str) -> bool:
        """Whether a handshake with this secret is answered rightly."""
        return self._handshake(secret)

    def takes(self, secret: str) -> bool:
        """Whether a delivery signed with this secret is accepted."""
        return self._deliver(self._signed(secret)) == 200

    def _signed(self, secret: str) -> Mapping[str, str]:
        return self.style.sign(secret, self.style.hush, self._clock())

    def _handshake(self, secret: str) -> bool:
        query = self.style.challenge(secret)
        try:
            response = self._session.get(self.url, params=dict(query), timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException:
            return False
        return response.status_code == 200 and self.style.answers(secret, query, response.text)

    def _deliver(self, signed: Mapping[str, str]) -> int:
        headers = {"content-type": "application/json", **signed}
        try:
            return self._session.post(
                self.url, data=self.style.hush, headers=headers, timeout=TIMEOUT, allow_redirects=False
            ).status_code
        except requests.RequestException:
            return 0
