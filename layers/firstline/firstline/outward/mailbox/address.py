"""The address that a branch's reply goes to: it names the case, and only we can have written it.

``case+7k3m9qx2-<26 characters>@…``: the label is the case id and an HMAC-SHA-256 over case and branch, cut to 130 bits,
in base 32 and lower case, because mail clients and gateways write the local part as they like. The branch's id is not
in it (it may be longer than the 64 characters that a local part has, RFC 5321 4.5.3.1.1, and its case counts): the
branch is that one of the case's handoffs for which the code is right. Signed tokens as itsdangerous makes them hold
upper case, so the standard library's hmac is the better tool here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

CODE_LENGTH = 26
LONGEST_LOCAL_PART = 64
_LABEL = re.compile(r"\+([0-9a-z]{8})-([a-z2-7]{26})$", re.ASCII)


def make(case_id: str, branch_id: str, keys: Sequence[str], mailbox: str = "case") -> str:
    """The local part for a handoff, signed with the newest key (``keys``: newest first).

    Raises ValueError for a mailbox that leaves the label no room, or without a key.
    """
    if not keys:
        raise ValueError("no key to sign the reply address with")
    local = f"{mailbox}+{case_id.lower()}-{_code(case_id, branch_id, keys[0])}"
    if len(local) > LONGEST_LOCAL_PART:
        raise ValueError(f"the mailbox {mailbox} is too long for a label")
    return local


def reply_to(address: str, case_id: str, branch_id: str, keys: Sequence[str]) -> str:
    """The whole ``Reply-To`` under the address that SES receives for: its mailbox, the label, its domain."""
    mailbox, _, domain = address.rpartition("@")
    return f"{make(case_id, branch_id, keys, mailbox)}@{domain}"


def case_named(recipient: str) -> str | None:
    """The case that a recipient (a local part or an address) names; nothing is proven yet. None: no label of ours."""
    label = _label(recipient)
    return label[0].upper() if label else None


def read(recipient: str, keys: Iterable[str], branches: Iterable[str]) -> tuple[str, str] | None:
    """Case id and branch id of a recipient whose code one of the keys made for one of the case's ``branches``."""
    label = _label(recipient)
    if label is None:
        return None
    case_id, code = label[0].upper(), label[1]
    branches = tuple(branches)
    for key in keys:
        for branch_id in branches:
            if hmac.compare_digest(code, _code(case_id, branch_id, key)):
                return case_id, branch_id
    return None


def _label(recipient: str) -> tuple[str, str] | None:
    found = _LABEL.search(recipient.lower().partition("@")[0])
    return (found[1], found[2]) if found else None


def _code(case_id: str, branch_id: str, key: str) -> str:
    digest = hmac.new(key.encode(), f"reply-to\0{case_id}\0{branch_id}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:CODE_LENGTH]
