"""Connecting Messenger: a Page's conversations. The app's webhook is the Page's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..findings import Finding, ok
from . import door, meta
from .setup import Setup

STYLE = door.META
PRODUCT = meta.Product(
    object="page",
    fields=(
        "messages",
        "message_echoes",
        "message_edits",
        "messaging_postbacks",
        "messaging_referrals",
        "messaging_optins",
        "messaging_policy_enforcement",
        "messaging_handovers",
        "standby",
    ),
    scopes=("pages_messaging", "pages_manage_metadata"),
    account="the Page",
)


def gather(setup: Setup) -> dict[str, Any]:
    """See `Connection.gather`."""
    return meta.gather(setup, PRODUCT)


def register(setup: Setup) -> Iterator[Finding]:
    """See `Connection.register`."""
    return meta.register(setup, PRODUCT)


def check(setup: Setup) -> Iterator[Finding]:
    """See `Connection.check`."""
    return meta.check(setup, PRODUCT)


def try_out(setup: Setup, account: str) -> Finding:
    """None: Meta lets nobody write who was not written to."""
    return ok("test post", "none on Messenger: write to the Page from an account of your own, and it is answered")
