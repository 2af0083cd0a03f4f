"""Connecting a Facebook Page: its feed and mentions."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from firstline.channels import reading
from firstline.channels.meta.graph import call, segment
from firstline.model.errors import Outcome

from ..findings import Finding, ok, warn
from . import door, meta
from .setup import Setup, why

STYLE = door.META
PRODUCT = meta.Product(
    object="page",
    fields=("feed", "mention"),
    scopes=(
        "pages_manage_engagement",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_metadata",
        "pages_messaging",
    ),
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
    """An unpublished post of the Page, which nobody sees, deleted at once. It wants a permission that replies do not."""
    credentials = setup.services.tokens.credentials("facebook", account)
    form = {"message": f"Testing our new connection ({secrets.token_hex(4)})", "published": "false"}
    try:
        made = call(setup.http, credentials, "POST", f"{segment(account)}/feed", data=form)
        post = str(reading.identifier(reading.obj(made.data).get("id")) or "")
        call(setup.http, credentials, "DELETE", segment(post))
    except Outcome as outcome:
        return warn(
            "test post",
            f"none: {why(outcome)} (it wants pages_manage_posts, which answers do not)",
            "comment on one of the Page's posts from an account of your own: it must be answered",
        )
    return ok("test post", "posted unseen and deleted again")
