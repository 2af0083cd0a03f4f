"""Instagram, as the contract wants it."""

from collections.abc import Mapping

from ...model.events import Event
from ..meta import envelope
from ..meta.envelope import split
from ..words import same_words
from .law import CLAUSES, REQUIREMENTS, TERMS, app_url, endpoint, law
from .send import find_sent, limits, read, send

__all__ = [
    "CLAUSES",
    "REQUIREMENTS",
    "TERMS",
    "app_url",
    "endpoint",
    "find_sent",
    "law",
    "limits",
    "parse",
    "read",
    "same_words",
    "send",
    "split",
]


def parse(body: bytes, accounts: Mapping[str, str]) -> list[Event]:
    """See `contract.Adapter.parse`."""
    return envelope.parse(body, accounts, "instagram")
