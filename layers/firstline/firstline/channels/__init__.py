"""The platforms: one package each, behind one contract (contract.py).

Nothing is imported until it is asked for: the receive function takes only a channel's door, which needs nothing but
the standard library. A new channel is a package beside these and its name in `CHANNELS`.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from .contract import Adapter, Door, Tokens

CHANNELS = (
    "x",
    "facebook",
    "messenger",
    "whatsapp",
    "instagram",
    "generic",
)
SOURCED = "generic"
"""The channel of named sources: each has a door, secrets and an account of its own, and none needs a deployment."""
FAMILIES = (("facebook", "messenger", "whatsapp", "instagram"),)
"""Channels whose deliveries may come to each other's door: Meta has one webhook for an app's products."""

RENEWING = ("x",)
"""Channels with tokens that live for hours: a module ``tokens`` renews them."""


_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def route(name: str) -> tuple[str, str | None]:
    """The channel and the source behind ``/webhooks/<name>``: ``("x", None)``, ``("generic", "reviews")``.

    A platform's name is never a source's. Raises KeyError for what can be neither; whether a source exists is told by
    the channel secret.
    """
    if name in CHANNELS:
        return name, SOURCED if name == SOURCED else None
    if not _SOURCE.fullmatch(name):
        raise KeyError(name)
    return SOURCED, name


def family(channel: str) -> tuple[str, ...]:
    """The channels whose events may be in a delivery of this one, itself among them."""
    return next((members for members in FAMILIES if channel in members), (channel,))


def door(channel: str) -> Door:
    """What stands at the webhook: handshake and signature. Raises KeyError for a channel that does not exist."""
    return cast("Door", import_module(f"{__name__}.{_known(channel)}.door"))


def adapter(channel: str) -> Adapter:
    """All else that is peculiar to a platform. Raises KeyError for a channel that does not exist."""
    return cast("Adapter", import_module(f"{__name__}.{_known(channel)}.adapter"))


def tokens(channel: str) -> Tokens | None:
    """How a channel's tokens are renewed; None where they are not, or the channel does not exist."""
    return cast("Tokens", import_module(f"{__name__}.{channel}.tokens")) if channel in RENEWING else None


def _known(channel: str) -> str:
    if channel not in CHANNELS:
        raise KeyError(channel)
    return channel
