"""Connecting Instagram: by Facebook Login (``page_id``: the Page that the account is linked to), or by Instagram Login.

Source: Meta, instagram-platform/webhooks and its two set-ups (2026). Deliveries of an app with Instagram Login are signed
with the Instagram app's secret: that one is the ``app_secret`` then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..findings import Finding, ok
from . import door, meta
from .setup import Setup

STYLE = door.META
PRODUCT = meta.Product(
    object="instagram",
    fields=("comments", "live_comments", "mentions", "messages", "messaging_postbacks", "messaging_referral"),
    scopes=("instagram_basic", "instagram_manage_comments", "instagram_manage_messages", "pages_manage_metadata"),
    account="the Instagram account",
    names="id,username",
    parent="page_id",
    parent_fields=("feed", "messages"),
    own_host=True,
    own_names="user_id,username",
    own_scopes=(
        "instagram_business_basic",
        "instagram_business_manage_comments",
        "instagram_business_manage_messages",
    ),
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
    """None: a test would be a picture that everybody sees."""
    return ok("test post", "none on Instagram: comment from an account of your own, and it is answered")
