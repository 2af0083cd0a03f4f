"""The entries of a WhatsApp business account: ``changes[]``, each with a ``field`` and a ``value`` of nested lists.

Source: Meta, whatsapp/cloud-api/webhooks; recorded bodies of restfb, david-lev/pywa and nyaruka/courier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...model.events import Event, IdentityChanged
from .. import reading
from ..meta.entry import Entry
from ..reading import Json
from . import statuses, talks
from .people import Contacts

CHANNEL = "whatsapp"
ALARMS = frozenset(
    (
        *("account_update", "account_alerts", "account_review_update", "account_settings_update"),
        *("phone_number_quality_update", "phone_number_name_update", "business_capability_update"),
        *("business_status_update", "security", "payment_configuration_update"),
    )
)
"""What the platform says about the brand's account: the team's business, no customer's."""
IGNORED = frozenset(
    (
        *("message_template_status_update", "message_template_quality_update", "message_template_components_update"),
        *("template_category_update", "template_correct_category_detection", "user_preferences", "flows"),
        *("history", "smb_app_state_sync", "tracking_events", "automatic_events", "partner_solutions"),
        *("group_lifecycle_update", "group_participants_update", "group_settings_update", "group_status_update"),
    )
)
_BESIDE = frozenset(("messaging_product", "metadata", "contacts"))
_WORD = re.compile(r"[A-Z][A-Z_]{1,39}")


def events(value: Mapping[str, Any], entry: Entry, channel: str) -> Iterator[Event]:
    """The entry's events in order. A strange one costs only itself."""
    for name, things in value.items():
        if not isinstance(things, list):
            continue
        for change in things:
            if name == "changes":
                yield from _change(change, entry)
            elif name in ("changed_fields", "hop_context"):
                yield entry.ignored(CHANNEL, name, change)
            else:
                yield reading.unreadable(CHANNEL, "unknown_member", {name: change}, entry.account, entry.time)


def _change(change: Any, entry: Entry) -> Iterator[Event]:
    told = reading.obj(change)
    field, value = reading.words(told.get("field")), told.get("value")
    if field in ALARMS:
        yield entry.notice(CHANNEL, _alarm(field, value), change)
    elif field in IGNORED:
        yield entry.ignored(CHANNEL, field, change)
    elif field not in LISTS:
        yield reading.unreadable(CHANNEL, "unknown_field", change, entry.account, entry.time)
    elif not isinstance(value, dict):
        yield entry.ignored(CHANNEL, "no_value", change)
    else:
        yield from _nested(field, value, change, entry)


def _alarm(field: str, value: Any) -> str:
    """The field, with the platform's own word for what happened where it is one (``account_update:disabled_update``)."""
    event = reading.words(reading.obj(value).get("event"))
    return f"{field}:{event.lower()}" if _WORD.fullmatch(event) else field


def _nested(field: str, value: Json, change: Any, entry: Entry) -> Iterator[Event]:
    contacts, account, found = Contacts.of(value), reading.obj(value.get("metadata")).get("phone_number_id"), False
    for name, things in value.items():
        if name in _BESIDE or not isinstance(things, list):
            continue
        read = LISTS[field].get(name)
        for one in things:
            found = True
            if read is None:
                yield reading.unreadable(CHANNEL, "unknown_member", {name: one}, entry.account, entry.time)
            else:
                yield from _one(read, one, contacts, account, entry)
    if not found:
        yield entry.ignored(CHANNEL, "no_events", change)


def _one(read: Reader, one: Any, contacts: Contacts, account: Any, entry: Entry) -> list[Event]:
    number = reading.identifier(account)
    return reading.each(CHANNEL, one, [entry.account, number], lambda: read(one, contacts, number, entry))


def _error(value: Any, contacts: Contacts, account: str | None, entry: Entry) -> Iterator[Event]:
    """An error that belongs to no message: the account's, or the app's."""
    code = reading.whole(reading.obj(value).get("code"))
    yield entry.notice(CHANNEL, "error" if code is None else f"error:{code}", [account, value])


def _moved(value: Any, contacts: Contacts, account: str | None, entry: Entry) -> Iterator[Event]:
    """A person's business-scoped id is another one from now on."""
    told = reading.obj(value)
    ids = reading.obj(told.get("user_id"))
    previous = reading.required(ids.get("previous"), "previous_id")
    current = reading.required(ids.get("current"), "current_id")
    if previous == current:
        yield entry.ignored(CHANNEL, "same_id", value)
        return
    at = reading.moment(told.get("timestamp"), entry.time)
    key = f"{CHANNEL}~{reading.digest('moved', previous, current, told.get('timestamp'))}"
    yield IdentityChanged(key=key, channel=CHANNEL, previous=previous, current=current, at=at)


Reader = Callable[[Any, Contacts, str | None, Entry], Iterator[Event]]
LISTS: dict[str, dict[str, Reader]] = {
    "messages": {"messages": talks.message, "statuses": statuses.status, "errors": _error},
    "smb_message_echoes": {"message_echoes": talks.echo},
    "user_id_update": {"user_id_update": _moved},
}
"""The fields that nest events, and what reads each of their lists."""
