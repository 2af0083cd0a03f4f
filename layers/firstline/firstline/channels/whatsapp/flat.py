"""A large delivery in small changes: WhatsApp nests up to hundreds of events in one change's value."""

from __future__ import annotations

from typing import Any

from ...model.numbers import one_notation
from .. import reading
from ..reading import Json
from .people import Contacts

LISTS = ("messages", "statuses", "errors", "message_echoes", "user_id_update")
_PEOPLE = ("from", "from_user_id", "to", "to_user_id", "recipient_id", "recipient_user_id")


def flattened(entry: Any) -> Any:
    """The entry with one event in each of its changes, in order; what is not understood stays as it is.

    Each change keeps what the value says of all its events, and of the contacts those that its event names.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("changes"), list):
        return entry
    return {**entry, "changes": [small for change in entry["changes"] for small in _changes(change)]}


def _changes(change: Any) -> list[Any]:
    value = reading.obj(reading.obj(change).get("value"))
    lists = {name: value[name] for name in LISTS if isinstance(value.get(name), list)}
    if sum(len(things) for things in lists.values()) <= 1:
        return [change]
    rest = {name: given for name, given in value.items() if name not in lists and name != "contacts"}
    contacts = Contacts.of(value)
    return [
        {**change, "value": {**rest, **_contacts(one, contacts), name: [one]}}
        for name, things in lists.items()
        for one in things
    ]


def _contacts(one: Any, contacts: Contacts) -> Json:
    named = [reading.identifier(reading.obj(one).get(name)) for name in _PEOPLE]
    known = [one_notation(each.lstrip("+")) for each in named if each is not None]
    found = [contacts.by_id[each] for each in known if each in contacts.by_id]
    if not found and contacts.only is not None:
        found = [contacts.only]
    return {"contacts": [each for number, each in enumerate(found) if each not in found[:number]]} if found else {}
