"""Connecting WhatsApp (Cloud API): the brand's numbers. What subscribes is the business account that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..findings import Finding, ok
from . import door, meta
from .setup import Setup

STYLE = door.META
PRODUCT = meta.Product(
    object="whatsapp_business_account",
    fields=(
        "messages",
        "smb_message_echoes",
        "user_id_update",
        "account_update",
        "account_alerts",
        "phone_number_quality_update",
    ),
    scopes=("whatsapp_business_messaging", "whatsapp_business_management"),
    account="the phone number",
    names="id,verified_name,display_phone_number",
    parent="waba_id",
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
    """None: a business writes first by paid templates only."""
    return ok("test post", "none on WhatsApp: write to the number from a phone of your own, and it is answered")
