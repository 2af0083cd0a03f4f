"""Pointer messages, one by one: what asks to be tried again comes again, what is no message is dropped and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import LostRace, Malformed, Retry, without_words
from ..outward.messages import read_pointer
from .services import Services


def one_by_one(
    batch: Sequence[tuple[str, str]], names: tuple[str, ...], action: Callable[..., None], services: Services
) -> list[str]:
    """Call ``action(*fields, services)`` for each message; returns the ids of those that must come again."""
    failed = []
    for message_id, text in batch:
        try:
            fields = read_pointer(text, *names)
        except ValueError:
            # A pointer holds nothing that the table does not: the record it meant has its own due time.
            services.tell("pointer_not_read", message_id=message_id, metric="PointerNotRead")
            continue
        try:
            action(*fields, services)
        except (Retry, LostRace, Malformed, BotoCoreError, ClientError) as error:
            services.tell("postponed", message_id=message_id, reason=without_words(error))
            failed.append(message_id)
    return failed
