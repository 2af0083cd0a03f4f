"""Who somebody is on WhatsApp: the business-scoped id (BSUID) where there is one, the phone number beside it.

People with a username may hide their number; then messages have ``from_user_id`` (``US.13491…``) and neither ``from``
nor ``wa_id``. Source: restfb and nyaruka/courier, recorded bodies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model.post import Author
from .. import reading
from ..reading import Json

SCOPED = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
"""A business-scoped id: a country, a dot, and letters and digits."""


@dataclass(frozen=True)
class Contacts:
    """The people that a change names, by their ids."""

    by_id: Mapping[str, Json] = field(default_factory=dict)
    only: Json | None = None
    """The one contact, where there is just one: it lends its name to a message whose ids are not among the contacts."""

    @classmethod
    def of(cls, value: Any) -> Contacts:
        """The contacts of a change's value."""
        listed = [reading.obj(one) for one in reading.items(reading.obj(value).get("contacts"))]
        by_id: dict[str, Json] = {}
        for one in listed:
            for name in ("wa_id", "user_id"):
                known = _id(one.get(name))
                if known is not None:
                    by_id.setdefault(known, one)
        return cls(by_id, listed[0] if len(listed) == 1 else None)

    def named(self, number: str | None, scoped: str | None) -> Json | None:
        """The contact with one of the ids."""
        found = self.by_id.get(scoped) if scoped else None
        return found or (self.by_id.get(number) if number else None)


def ids(number: Any, scoped: Any, contacts: Contacts) -> tuple[str | None, str | None]:
    """``(id, second id)`` of a person: the scoped id and the number, or the number alone. Raises nothing."""
    phone, user_id = _id(number), _id(scoped)
    if phone is not None and SCOPED.fullmatch(phone):
        phone, user_id = None, user_id or phone
    contact = contacts.named(phone, user_id) or {}
    told = _id(contact.get("wa_id"))
    if phone is None and told is not None and not SCOPED.fullmatch(told):
        phone = told
    user_id = user_id or _id(contact.get("user_id"))
    return (user_id or phone), (phone if user_id is not None else None)


def author(message: Json, contacts: Contacts) -> Author:
    """Who wrote a message. Raises ValueError for one without any id."""
    found, also = ids(message.get("from"), message.get("from_user_id"), contacts)
    contact = contacts.named(also, found) or contacts.only or {}
    profile = reading.obj(contact.get("profile"))
    return Author(
        id=reading.required(found, "author"),
        handle=reading.words(profile.get("username")).lstrip("@")[:200] or None,
        name=reading.words(profile.get("name"))[:200] or None,
        also=also,
    )


def _id(value: Any) -> str | None:
    """An id; numbers without the plus sign that some senders write."""
    found = reading.identifier(value)
    return found.lstrip("+") or None if found is not None else None
