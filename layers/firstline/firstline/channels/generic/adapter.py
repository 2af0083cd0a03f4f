"""The generic channel, as the contract wants it."""

from ..words import same_words
from .law import CLAUSES, REQUIREMENTS, TERMS, app_url, endpoint, law
from .parse import parse
from .send import find_sent, limits, read, send
from .split import split

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
