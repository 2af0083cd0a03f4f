"""The links in branches' mails: each says in a signed token which handoff it is for and what it asks for (R47).

Whoever has a link may do that one thing with that one handoff until it is over; nothing else opens a page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, get_args

from itsdangerous import BadData, URLSafeSerializer

from ..model.base import Instant, Value
from ..model.errors import Forged
from ..model.handoff import Action
from .secrets import LinkKeys

LONGEST = 1000
"""Characters of a token; ours have about 150."""
_HANDOFF, _DIGEST = "firstline.branch-link", "firstline.digest-link"
"""The salts: itsdangerous derives a key of its own from the secret for each."""
# 48 bytes of signature are 64 characters without a spare bit: no two spellings of a token are the same token.
_TOKEN = re.compile(r"\.?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{64}", re.ASCII)


Purpose = Action | Literal["digest_off"]
"""What a link can be for: an action on a handoff, or no more weekly digests."""


class Link(Value):
    """What one link is for: one action on one handoff, until it expires."""

    case_id: str
    branch: str
    action: Purpose
    expires_at: Instant

    def for_action(self, action: Action) -> Link:
        """The link of another action on the same handoff, over at the same moment."""
        return self.model_copy(update={"action": action})


class Links:
    """Makes and reads links. ``base_url`` without a final slash; with none there are no links (``url`` is "")."""

    def __init__(self, secret: LinkKeys, base_url: str) -> None:
        self._secret = secret
        self._base_url = base_url

    @property
    def keys(self) -> Callable[[], list[str]]:
        """The live keys, newest first, for whatever else a branch sends back to us."""
        return self._secret.keys

    def url(self, link: Link) -> str:
        """The link's address, "" where this deployment has none."""
        return f"{self._base_url}/branch/{self.token(link)}" if self._base_url else ""

    def token(self, link: Link) -> str:
        """The signed token. Raises `Retry` when no key can be read."""
        claims = [link.case_id, link.branch, link.action, int(link.expires_at.timestamp())]
        return _serializer(self._secret.keys(), _salt(link.action)).dumps(claims)

    def read(self, token: str) -> Link:
        """What a token is for, expired or not. Raises `Forged` for whatever a live key did not sign, `Retry` when no
        key can be read."""
        if len(token) > LONGEST or not _TOKEN.fullmatch(token):
            raise Forged("no token of ours")
        try:
            return _link(token, self._secret.keys())
        except Forged:
            # The keys may just have been rotated: read them again, but at most every ten seconds.
            if not self._secret.reread():
                raise
            return _link(token, self._secret.keys())


def _link(token: str, keys: list[str]) -> Link:
    for salt in (_HANDOFF, _DIGEST):
        try:
            case_id, branch, action, expires = _serializer(keys, salt).loads(token)
        except BadData:
            continue
        if action not in (*get_args(Action), "digest_off"):  # an older or newer version of ours knew it
            raise Forged("no such action")
        # Earlier releases signed the digest's links as a handoff's: those hold until they expire.
        if salt != _salt(action) and action != "digest_off":
            raise Forged("signed for another purpose")
        return Link(case_id=case_id, branch=branch, action=action, expires_at=datetime.fromtimestamp(expires, UTC))
    raise Forged("not signed by a live key")


def _salt(action: Purpose) -> str:
    return _DIGEST if action == "digest_off" else _HANDOFF


def _serializer(keys: list[str], salt: str) -> URLSafeSerializer:
    oldest_first = [*reversed(keys)]
    return URLSafeSerializer(
        oldest_first,
        salt=salt,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha384},
    )
