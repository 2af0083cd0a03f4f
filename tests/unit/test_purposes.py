"""Everything that a secret of ours signs or proves: no signature for one purpose is worth anything for another.

The worst case is assumed: one secret was given to every purpose. A key of its own is then made by derivation, or the
messages have no form in common.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer

import firstline
from firstline.channels import door
from firstline.channels.generic import send as callbacks
from firstline.channels.generic import standard
from firstline.channels.meta import deletion
from firstline.model.errors import Forged, Malformed
from firstline.outward.links import Link, Links
from firstline.outward.mailbox import address
from firstline.outward.secrets import LinkKeys
from tests.contract.channels.platforms import PLATFORMS, Stub

SECRET = "b25lIHNlY3JldCBmb3IgZXZlcnl0aGluZw=="
"""Base64, so that it is a source's secret, too, under the very same bytes where that decodes it."""
RAW = base64.b64decode(SECRET)
NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
SECRETS = {"signing": [SECRET]}
JSON = b'{"for_user_id":"1","object":"page","entry":[]}'
TOKEN = b"M2RkODJkZmMtYjlkYi00NmQ4LTk0MGUtM2JjYzkwM2Q4MjQ0"
AT = str(int(NOW.timestamp()))
CASE, BRANCH = "7K3M9QX2", "leeds"


@dataclass(frozen=True)
class Purpose:
    """``signed`` gives a message and its signature as somebody may get hold of them; ``takes`` is the verifier, which
    gets any message and any signature in the encoding that it wants."""

    name: str
    signed: Callable[[], tuple[bytes, bytes]]
    takes: Callable[[bytes, bytes], bool]


def refused(check: Callable[[], Any]) -> bool:
    try:
        check()
    except (Forged, Malformed):
        return True
    return False


def x_challenge() -> tuple[bytes, bytes]:
    answer = door("x").handshake({"crc_token": TOKEN.decode()}, SECRETS)
    assert answer is not None
    return TOKEN, base64.b64decode(json.loads(answer.body)["response_token"].removeprefix("sha256="))


def x_delivery(message: bytes, mac: bytes) -> bool:
    headers = {"x-twitter-webhooks-signature": "sha256=" + base64.b64encode(mac).decode()}
    return not refused(lambda: door("x").verify(headers, message, SECRETS, NOW))


def x_accepts_answer(message: bytes, mac: bytes) -> bool:
    """X's side: it sent the token and compares our answer; it would take nothing that is no token of its own."""
    return re.fullmatch(rb"[A-Za-z0-9_-]{48}", message) is not None and mac == under(SECRET.encode(), message)


def meta_delivery(message: bytes, mac: bytes) -> bool:
    headers = {"x-hub-signature-256": "sha256=" + mac.hex()}
    return not refused(lambda: door("facebook").verify(headers, message, SECRETS, NOW))


def meta_deletion(message: bytes, mac: bytes) -> bool:
    signature = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    return not refused(lambda: deletion.read(f"{signature}.{message.decode('utf-8', 'replace')}", SECRETS))


def source_delivery(message: bytes, mac: bytes) -> bool:
    """Every way to cut the message into id, time and body."""
    parts = message.split(b".")
    entry = "v1," + base64.b64encode(mac).decode()
    for at in range(1, len(parts) - 1):
        webhook_id, timestamp, body = b".".join(parts[:at]), parts[at], b".".join(parts[at + 1 :])
        headers = {
            standard.ID: webhook_id.decode("utf-8", "replace"),
            standard.TIMESTAMP: timestamp.decode("utf-8", "replace"),
            standard.SIGNATURE: entry,
        }
        if not refused(lambda: door("generic").verify(headers, body, SECRETS, NOW)):  # noqa: B023  # called at once
            return True
    return False


def source_callback() -> tuple[bytes, bytes]:
    """What a receiver of our answers sees, whatever the answer says."""
    stub = Stub().plan(200, {"id": "1"})
    reply = next(each.outgoing for each in PLATFORMS if each.channel == "generic")
    callbacks.send(stub.http(), {"url": "https://shop.example", "signing": [SECRET]}, reply)
    asked = stub.asked[0]
    body = asked.body if isinstance(asked.body, bytes) else str(asked.body).encode()
    sent = asked.headers
    message = f"{sent[standard.ID]}.{sent[standard.TIMESTAMP]}.".encode() + body
    return message, base64.b64decode(str(sent[standard.SIGNATURE]).removeprefix("v1,"))


def callback_taken(message: bytes, mac: bytes) -> bool:
    """The receiver's side, as docs/channels.md asks of it."""
    return b'.{"type":"reply.created"' in message and mac == under(RAW, message)


class Vault:
    def get_secret_value(self, **_: Any) -> dict[str, str]:
        return {"SecretString": json.dumps({"current": SECRET})}


LINKS = Links(LinkKeys(lambda: Vault(), "links", lambda: 0.0), "https://care.example")
ACCEPT = Link(case_id=CASE, branch=BRANCH, action="accept", expires_at=NOW + timedelta(days=14))
OFF = ACCEPT.model_copy(update={"action": "digest_off", "case_id": "digest"})


def a_link(link: Link) -> tuple[bytes, bytes]:
    claims, _, signature = LINKS.token(link).rpartition(".")
    return claims.encode(), base64.urlsafe_b64decode(signature)


def opens(message: bytes, mac: bytes, digest: bool) -> bool:
    try:
        token = f"{message.decode()}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        return (LINKS.read(token).action == "digest_off") is digest
    except (Forged, UnicodeDecodeError):
        return False


def mail_address() -> tuple[bytes, bytes]:
    """An address holds 130 bits of the signature; nobody learns the rest."""
    code = address.make(CASE, BRANCH, [SECRET]).rpartition("-")[2]
    bits = int.from_bytes(base64.b32decode(f"{code}aaaaaa".upper()), "big") << 96
    return f"reply-to\0{CASE}\0{BRANCH}".encode(), bits.to_bytes(32, "big")


def heard(message: bytes, mac: bytes) -> bool:
    code = base64.b32encode(mac).decode().lower()[: address.CODE_LENGTH]
    named = message.split(b"\0")
    case_id, branch = (named[1].decode(), named[2].decode()) if len(named) == 3 else (CASE, BRANCH)
    return address.read(f"case+{case_id.lower()}-{code}", [SECRET], [branch]) is not None


def under(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


DELETION = base64.urlsafe_b64encode(b'{"user_id":"7","algorithm":"HMAC-SHA256"}').rstrip(b"=")
SOURCE = f"msg_1.{AT}.".encode() + b'{"type":"post.created","data":{"id":"1","text":"hi"}}'
PURPOSES = (
    Purpose("x challenge", x_challenge, x_accepts_answer),
    Purpose("x delivery", lambda: (JSON, under(SECRET.encode(), JSON)), x_delivery),
    Purpose("meta deletion", lambda: (DELETION, under(SECRET.encode(), DELETION)), meta_deletion),
    Purpose("source delivery", lambda: (SOURCE, under(RAW, SOURCE)), source_delivery),
    Purpose("source callback", source_callback, callback_taken),
    Purpose("handoff link", lambda: a_link(ACCEPT), lambda message, mac: opens(message, mac, digest=False)),
    Purpose("digest link", lambda: a_link(OFF), lambda message, mac: opens(message, mac, digest=True)),
    Purpose("reply address", mail_address, heard),
)
META = Purpose("meta delivery", PURPOSES[1].signed, meta_delivery)
"""X and Meta sign deliveries alike; each has its own app's secret, which its developer portal makes."""


@pytest.mark.parametrize("purpose", (*PURPOSES, META), ids=lambda each: each.name)
def test_each_purpose_takes_its_own_signatures(purpose: Purpose) -> None:
    assert purpose.takes(*purpose.signed())


@pytest.mark.parametrize("one", PURPOSES, ids=lambda each: each.name)
@pytest.mark.parametrize("other", (*PURPOSES, META), ids=lambda each: each.name)
def test_no_purpose_takes_the_signatures_of_another(one: Purpose, other: Purpose) -> None:
    if one.name != other.name and (one.name, other.name) != ("x delivery", "meta delivery"):
        assert not other.takes(*one.signed())


def test_a_digest_link_that_an_earlier_release_mailed_still_works_and_no_other_link_in_that_place() -> None:
    def token(salt: str, action: str) -> str:
        old = URLSafeSerializer(
            SECRET, salt=salt, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha384}
        )
        made = old.dumps(["digest", BRANCH, action, int((NOW + timedelta(days=90)).timestamp())])
        assert isinstance(made, str)
        return made

    assert LINKS.read(token("firstline.branch-link", "digest_off")).action == "digest_off"
    with pytest.raises(Forged):
        LINKS.read(token("firstline.digest-link", "accept"))


SIGNING = re.compile(
    r"\bhmac\.new\(|\bmacs\(|URLSafe\w*Serializer\(|Signer\(|presigned|standard\.headers\(|\bsignature\("
)
PLACES = {
    "channels/answer.py",
    "channels/generic/door.py",
    "channels/generic/send.py",
    "channels/generic/standard.py",
    "channels/meta/deletion.py",
    "channels/meta/door.py",
    "channels/x/door.py",
    "outward/links.py",
    "outward/mailbox/address.py",
}
"""Where the package signs or checks a signature, each with its purpose above and in docs/security.md."""


def test_no_place_signs_that_is_not_listed_here() -> None:
    package = Path(firstline.__file__).parent
    found = {
        str(file.relative_to(package)) for file in package.rglob("*.py") if SIGNING.search(file.read_text("utf-8"))
    }
    assert found == PLACES
