"""Comments and messages as the Graph API and its webhooks write them [Meta: pages-api, messenger-platform webhooks]."""

from __future__ import annotations

from typing import Any

from .settings import Settings
from .store import Entry, Store
from .wire import milliseconds

Json = dict[str, Any]
NATIVE_APP = 2056668061000000  # the platform's own page inbox, an app that is not ours


def seconds(entry: Entry) -> int:
    return int(entry.at.timestamp())


class GraphBodies:
    """Writes entries in Graph's notations."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store

    def envelope(self, entry: Entry, time: int, part: Json) -> Json:
        return {"object": "page", "entry": [{"id": entry.account, "time": time, **part}]}

    def feed(self, entry: Entry, verb: str, now_s: int) -> Json:
        """A feed notice: ``add``, ``edited``, ``remove``, ``hide`` or ``unhide``. A removal holds no text."""
        value: Json = {
            "from": {"id": entry.author.id, "name": entry.author.name},
            "item": "comment" if entry.parent_id else "post",
            "verb": verb,
            "post_id": entry.root_id or entry.id,
            "created_time": seconds(entry),
        }
        if entry.parent_id:
            value |= {"comment_id": entry.id, "parent_id": entry.parent_id}
        if verb != "remove":
            value["message"] = entry.text
        if entry.edited_at and verb == "edited":
            value["edited_time"] = int(entry.edited_at.timestamp())
        return self.envelope(entry, now_s, {"changes": [{"field": "feed", "value": value}]})

    def message(self, entry: Entry, what: str, now_ms: int) -> Json:
        """A Messenger event: ``message`` (an echo when the page wrote it), ``edit`` or ``deleted``."""
        event: Json = {
            "sender": {"id": entry.author.id},
            "recipient": {"id": entry.to},
            "timestamp": milliseconds(entry.at) if what == "message" else now_ms,
        }
        if what == "edit":
            event["message_edit"] = {"mid": entry.id, "text": entry.text, "num_edit": str(max(1, len(entry.versions)))}
        elif what == "deleted":
            event["message"] = {"mid": entry.id, "is_deleted": True}
        else:
            message: Json = {"mid": entry.id, "text": entry.text}
            if entry.parent_id:
                message["reply_to"] = {"mid": entry.parent_id}
            if entry.by_brand:
                message["is_echo"] = True
                message["app_id"] = int(self.settings.app_id) if entry.writer == "app" else NATIVE_APP
                if entry.metadata:
                    message["metadata"] = entry.metadata
            event["message"] = message
        return self.envelope(entry, now_ms, {"messaging": [event]})

    def comment(self, entry: Entry) -> Json:
        """A comment or post as an object that is read, with every field that can be asked for."""
        whole: Json = {
            "id": entry.id,
            "from": {"id": entry.author.id, "name": entry.author.name},
            "message": entry.text,
            "created_time": entry.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"https://www.facebook.com/{entry.id}",
            "is_hidden": entry.hidden,
            "can_comment": True,
        }
        if entry.parent_id and entry.parent_id != entry.root_id:
            whole["parent"] = {"id": entry.parent_id}
        return whole

    def talk(self, entry: Entry) -> Json:
        """A Messenger message as an object that is read. Our metadata is not among its fields."""
        return {
            "id": entry.id,
            "message": entry.text,
            "from": {"id": entry.author.id, "name": entry.author.name},
            "to": {"data": [{"id": entry.to}]},
            "created_time": entry.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        }
