"""WhatsApp's webhooks as Meta writes them [Meta: whatsapp/cloud-api/webhooks]."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from .settings import Settings
from .store import Entry, Person, Store

Json = dict[str, Any]
SCOPED = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
WABA = "102290129340398"
TITLES = {131026: "Message undeliverable", 131047: "Re-engagement message", 131056: "Pair rate limit hit"}


def ids(person_id: str, also: str | None) -> tuple[str | None, str | None]:
    """``(phone number, business-scoped id)`` of a person."""
    scoped = person_id if SCOPED.fullmatch(person_id) else None
    return (also if scoped else person_id), scoped


class WhatsAppBodies:
    """Writes messages and statuses in WhatsApp's notation."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store

    def _change(self, entry: Entry, field: str, part: Json, person: Person | None) -> Json:
        account = self.settings.account("whatsapp", entry.account)
        metadata = {"display_phone_number": account.handle or account.name, "phone_number_id": entry.account}
        value: Json = {"messaging_product": "whatsapp", "metadata": metadata}
        if person is not None:
            number, scoped = ids(person.id, person.also)
            profile = {"name": person.name} | ({"username": f"@{person.handle}"} if person.handle else {})
            contact: Json = {"profile": profile}
            value["contacts"] = [contact | _named("wa_id", number) | _named("user_id", scoped)]
        changes = [{"field": field, "value": value | part}]
        return {"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": changes}]}

    def message(self, entry: Entry) -> Json:
        """Words of a customer, or of one of the brand's people in the app."""
        content: Json = {"type": "text", "text": {"body": entry.text}}
        if entry.parent_id:
            content["context"] = {"id": entry.parent_id}
        return self._told(entry, entry.id, entry.at, content)

    def edited(self, entry: Entry, now: datetime) -> Json:
        """An edit, which has an id of its own."""
        message = {"type": "text", "text": {"body": entry.text}}
        edit = {"original_message_id": entry.id, "message": message}
        return self._told(entry, entry.versions[-1], now, {"type": "edit", "edit": edit})

    def revoked(self, entry: Entry, notice_id: str, now: datetime) -> Json:
        """A message was deleted for everybody."""
        return self._told(entry, notice_id, now, {"type": "revoke", "revoke": {"original_message_id": entry.id}})

    def _told(self, entry: Entry, notice_id: str, at: datetime, content: Json) -> Json:
        head: Json = {"id": notice_id, "timestamp": str(int(at.timestamp()))}
        if entry.by_brand:
            other = self._person(entry)
            number, scoped = ids(other.id, other.also)
            echo = head | {"from": entry.account} | _named("to", number) | _named("to_user_id", scoped) | content
            return self._change(entry, "smb_message_echoes", {"message_echoes": [echo]}, other)
        number, scoped = ids(entry.author.id, entry.author.also)
        message = head | _named("from", number) | _named("from_user_id", scoped) | content
        return self._change(entry, "messages", {"messages": [message]}, entry.author)

    def status(self, entry: Entry, status: str, now: datetime, code: int | None) -> Json:
        """What became of a message that came in over the API."""
        other = self._person(entry)
        number, scoped = ids(other.id, other.also)
        told: Json = {"id": entry.id, "status": status, "timestamp": str(int(now.timestamp()))}
        told |= _named("recipient_id", number) | _named("recipient_user_id", scoped)
        told |= _named("biz_opaque_callback_data", entry.metadata)
        if code is not None:
            title = TITLES.get(code, "Message failed to send")
            told["errors"] = [{"code": code, "title": title, "error_data": {"details": title}}]
        return self._change(entry, "messages", {"statuses": [told]}, None)

    def _person(self, entry: Entry) -> Person:
        """The customer on the other side of the brand's words."""
        theirs = (each.author for each in self.store.of("whatsapp") if each.author.id == entry.to)
        return next(theirs, Person(id=entry.to or "", name=entry.to or ""))


def _named(name: str, value: str | None) -> Json:
    return {name: value} if value else {}
