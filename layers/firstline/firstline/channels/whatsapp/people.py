"""Who somebody is on WhatsApp: the business-scoped id (BSUID) where there is one, the phone number beside it.

People with a username may hide their number; then messages have ``from_user_id`` (``US.13491…``) and neither ``from``
nor ``wa_id``. Source: restfb and nyaruka/courier, recorded bodies.

Numbers of three countries come in two notations (model/numbers.py), also as ``from`` and ``wa_id`` of one message:
people are known by one of them, and written to as the platform wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...model.numbers import one_notation
from ...model.post import Author
from .. import reading
from ..reading import Json

SCOPED = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
"""A business-scoped id: a country, a dot, and letters and digits."""

ALIKE = 7
"""Digits at the end that two notations of one number share."""


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
                known = _person(one.get(name))
                if known is not None:
                    by_id.setdefault(known, one)
        return cls(by_id, listed[0] if len(listed) == 1 else None)

    def named(self, number: str | None, scoped: str | None) -> Json | None:
        """The contact with one of the ids."""
        found = self.by_id.get(scoped) if scoped else None
        return found or (self.by_id.get(number) if number else None)


class Ids(NamedTuple):
    """A person's ids: the scoped id and the number, or the number alone; ``written`` is the number as it came."""

    id: str | None
    also: str | None
    written: str | None

    @property
    def all(self) -> tuple[str, ...]:
        """Each of them once."""
        return tuple(dict.fromkeys(each for each in self if each is not None))


def ids(number: Any, scoped: Any, contacts: Contacts) -> Ids:
    """The ids of a person. Raises nothing."""
    written, user_id = _id(number), _id(scoped)
    if written is not None and SCOPED.fullmatch(written):
        written, user_id = None, user_id or written
    phone = one_notation(written) if written is not None else None
    contact = contacts.named(phone, user_id) or {}
    user_id = user_id or _id(contact.get("user_id"))
    told = _id(contact.get("wa_id"))
    if phone is None and told is not None and not SCOPED.fullmatch(told):
        phone, written = one_notation(told), told
    if user_id is not None:
        return Ids(user_id, phone, written)
    return Ids(phone, _second(phone, contacts), written)


def _second(phone: str | None, contacts: Contacts) -> str | None:
    """``wa_id`` beside another ``from``: one person, if the message names only that contact and the ends are alike."""
    told = _person((contacts.only or {}).get("wa_id"))
    if phone is None or told is None or told == phone or not told.isdigit():
        return None
    return told if told[-ALIKE:] == phone[-ALIKE:] else None


def author(message: Json, contacts: Contacts) -> Author:
    """Who wrote a message. Raises ValueError for one without any id."""
    found, also, written = ids(message.get("from"), message.get("from_user_id"), contacts)
    contact = contacts.named(also, found) or contacts.named(found, None) or contacts.only or {}
    profile = reading.obj(contact.get("profile"))
    return Author(
        id=reading.required(found, "author"),
        handle=reading.words(profile.get("username")).lstrip("@")[:200] or None,
        name=reading.words(profile.get("name"))[:200] or None,
        also=also,
        reach=written if written not in (found, also) else None,
    )


def _person(value: Any) -> str | None:
    """An id as people are known by it."""
    found = _id(value)
    return one_notation(found) if found is not None else None


def _id(value: Any) -> str | None:
    """An id; numbers without the plus sign that some senders write."""
    found = reading.identifier(value)
    return found.lstrip("+") or None if found is not None else None
