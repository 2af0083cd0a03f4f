"""Posts of X as its API and its three webhook shapes write them (Account Activity, X Activity, filtered stream).

Shapes after xdevplatform/docs account-activity/introduction, activity/event-payloads and webhooks/stream (Aug 2026).
"""

from __future__ import annotations

import hashlib
import html
from typing import Any

from .settings import Settings
from .store import Entry, Person, Store
from .wire import iso, milliseconds
from .x_text import mentions, shortened

Json = dict[str, Any]
NATIVE_APP = "3033300"
CLASSIC_LENGTH = 140
LONG = 280


class XBodies:
    """Writes entries in X's notations. Knows the brand's accounts and everybody who has written."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store

    def people(self) -> list[Person]:
        """The brand's accounts, then everybody who wrote on X."""
        brand = [Person(each.id, each.name, each.handle, 48_200, True) for each in self.settings.accounts.get("x", [])]
        writers = {entry.author.id: entry.author for entry in self.store.of("x")}
        return [*brand, *(each for each in writers.values() if each.id not in {one.id for one in brand})]

    def prefix(self, entry: Entry) -> str:
        """The hidden mention that X puts before a reply, unless its text begins with it."""
        parent = self.store.get(entry.parent_id)
        if parent is None or entry.private or parent.author.id == entry.author.id:
            return ""
        handle = f"@{parent.author.handle}"
        return "" if entry.text.casefold().startswith(handle.casefold()) else f"{handle} "

    def source(self, entry: Entry) -> str:
        if entry.writer == "app":
            return '<a href="https://example.com" rel="nofollow">Customer care</a>'
        return '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>'

    # Account Activity: v1.1

    def user_v1(self, person: Person) -> Json:
        return {
            "id": int(person.id) if person.id.isdecimal() else 0,
            "id_str": person.id,
            "name": person.name,
            "screen_name": person.handle,
            "location": None,
            "protected": False,
            "verified": person.verified,
            "followers_count": person.followers,
            "friends_count": 1,
            "statuses_count": 12,
            "lang": None,
        }

    def tweet_v1(self, entry: Entry) -> Json:
        """A v1.1 tweet. Its text is HTML-escaped, and cut when it is over 140 characters."""
        prefix = self.prefix(entry)
        whole, links = shortened(prefix + entry.text)
        named = mentions(whole, self.people())
        full = html.escape(whole, quote=False)
        parent, quoted = self.store.get(entry.parent_id), self.store.get(entry.quoted_id)
        entities = {
            "hashtags": [],
            "urls": links,
            "user_mentions": [
                {"screen_name": each.handle, "name": each.name, "id_str": each.id, "indices": [start, end]}
                for start, end, each in named
            ],
        }
        cut = len(whole) > CLASSIC_LENGTH
        answered = parent.author if parent else (named[0][2] if named and named[0][0] == 0 else None)
        tweet: Json = {
            "created_at": entry.at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
            # X's own bodies hold numbers that JSON readers round; only the string is right.
            "id": int(float(entry.id)),
            "id_str": entry.id,
            "text": full[:116].rstrip() + "… https://t.co/" + entry.id[-10:] if cut else full,
            "source": self.source(entry),
            "truncated": cut,
            "in_reply_to_status_id_str": parent.id if parent else None,
            "in_reply_to_user_id_str": answered.id if answered else None,
            "in_reply_to_screen_name": answered.handle if answered else None,
            "user": self.user_v1(entry.author),
            "is_quote_status": quoted is not None,
            "entities": entities if not cut else {**entities, "urls": []},
            "lang": entry.language or "und",
            "timestamp_ms": str(milliseconds(entry.at)),
        }
        if prefix and not cut:
            tweet["display_text_range"] = [len(prefix), len(full)]
        if cut:
            tweet["extended_tweet"] = {
                "full_text": full,
                "display_text_range": [len(prefix), len(full)],
                "entities": entities,
            }
        if quoted:
            tweet |= {"quoted_status_id_str": quoted.id, "quoted_status": self.tweet_v1(quoted)}
        if len(entry.versions) > 1:
            tweet["edit_history"] = {"initial_tweet_id": entry.versions[0], "edit_tweet_ids": list(entry.versions)}
        return tweet

    def aaa(self, entry: Entry, account: str) -> Json:
        """An Account Activity body for one subscribed account."""
        if not entry.private:
            created = {"for_user_id": account, "tweet_create_events": [self.tweet_v1(entry)]}
            return created if entry.by_brand else {**created, "user_has_blocked": False}
        people = [self.user_v1(each) for each in self.talkers(entry)]
        users = {each["id_str"]: {"id": each["id_str"], **each} for each in people}
        return {
            "for_user_id": account,
            "direct_message_events": [self.message(entry)],
            "users": users,
            **self.apps(entry),
        }

    def aaa_deleted(self, entry: Entry, account: str, at_ms: int) -> Json:
        status = {"id": entry.id, "user_id": entry.author.id}
        return {"for_user_id": account, "tweet_delete_events": [{"status": status, "timestamp_ms": str(at_ms)}]}

    # Direct messages: the same event in both shapes

    def talkers(self, entry: Entry) -> list[Person]:
        known = {each.id: each for each in self.people()}
        other = known.get(entry.to or "") or Person(entry.to or "0", "Unknown", "unknown")
        return [entry.author, other]

    def message(self, entry: Entry) -> Json:
        text, links = shortened(entry.text)
        created: Json = {
            "target": {"recipient_id": entry.to},
            "sender_id": entry.author.id,
            "message_data": {
                "text": html.escape(text, quote=False),
                "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": links},
            },
        }
        if entry.by_brand:
            created["source_app_id"] = self.settings.app_id if entry.writer == "app" else NATIVE_APP
        return {
            "type": "message_create",
            "id": entry.id,
            "created_timestamp": str(milliseconds(entry.at)),
            "message_create": created,
        }

    def apps(self, entry: Entry) -> Json:
        if not entry.by_brand:
            return {}
        app = self.settings.app_id if entry.writer == "app" else NATIVE_APP
        name = "Customer care" if entry.writer == "app" else "Twitter Web App"
        return {"apps": {app: {"id": app, "name": name, "url": "https://example.com"}}}

    # X Activity and filtered stream: v2

    def user_v2(self, person: Person) -> Json:
        return {
            "id": person.id,
            "username": person.handle,
            "name": person.name,
            "protected": False,
            "verified": person.verified,
            "verified_type": "blue" if person.verified else "none",
            "public_metrics": {
                "followers_count": person.followers,
                "followers_count_str": str(person.followers),
                "following_count": 1,
                "tweet_count": 12,
            },
        }

    def tweet_v2(self, entry: Entry) -> Json:
        """A v2 post with all its fields. Over 280 characters the whole text is in ``note_tweet``."""
        prefix = self.prefix(entry)
        whole, links = shortened(prefix + entry.text)
        named = [
            {"start": start, "end": end, "username": each.handle, "id": each.id}
            for start, end, each in mentions(whole, self.people())
        ]
        parent, quoted = self.store.get(entry.parent_id), self.store.get(entry.quoted_id)
        referenced = [{"type": "replied_to", "id": parent.id}] if parent else []
        referenced += [{"type": "quoted", "id": quoted.id}] if quoted else []
        entities = {**({"mentions": named} if named else {}), **({"urls": links} if links else {})}
        long = len(whole) > LONG
        tweet: Json = {
            "id": entry.id,
            "text": whole[: LONG - 1] + "…" if long else whole,
            "created_at": iso(entry.at),
            "author_id": entry.author.id,
            "conversation_id": entry.root_id or entry.id,
            "edit_history_tweet_ids": list(entry.versions or (entry.id,)),
            "display_text_range": [len(prefix), min(len(whole), LONG)],
            "lang": entry.language or "und",
            "possibly_sensitive": False,
            "reply_settings": "everyone",
        }
        if entities:
            tweet["entities"] = entities
        if parent:
            tweet |= {"in_reply_to_tweet_id": parent.id, "in_reply_to_user_id": parent.author.id}
        if referenced:
            tweet["referenced_tweets"] = referenced
        if long:
            tweet["note_tweet"] = {"text": whole, "entities": entities}
        return tweet

    def xaa(self, entry: Entry, account: str, event_type: str) -> Json:
        """An X Activity body: one event for one account."""
        if entry.private:
            users = {each.id: {"data": self.user_v2(each)} for each in self.talkers(entry)}
            payload = {"direct_message_events": [self.message(entry)], "users": users, **self.apps(entry)}
            return self.event(account, event_type, entry.id, payload, None)
        includes: Json = {"users": [self.user_v2(entry.author)]}
        quoted = self.store.get(entry.quoted_id)
        if quoted:
            includes["tweets"] = [self.tweet_v2(quoted)]
        return self.event(account, event_type, entry.id, self.tweet_v2(entry), includes)

    def xaa_deleted(self, entry: Entry, account: str) -> Json:
        payload = {"id": entry.id, "author_id": entry.author.id}
        includes = {"users": [{"data": self.user_v2(entry.author)}]}
        return self.event(account, "post.delete", entry.id, payload, includes)

    def event(self, account: str, event_type: str, post_id: str, payload: Json, includes: Json | None) -> Json:
        """The envelope. Its id is its own: a post that is told twice has two, and some are negative."""
        digest = hashlib.sha256(f"{account}:{event_type}:{post_id}".encode()).digest()
        data: Json = {
            "event_uuid": str(int.from_bytes(digest[:8], signed=True)),
            "filter": {"user_id": account},
            "event_type": event_type,
            "tag": event_type.split(".")[1],
            "payload": payload,
        }
        return {"data": data if includes is None else {**data, "includes": includes}}

    def stream(self, entry: Entry) -> Json:
        """A filtered-stream body: a post that matched a rule, whoever it is directed at."""
        return {
            "data": self.tweet_v2(entry),
            "includes": {"users": [self.user_v2(entry.author)]},
            "matching_rules": [{"id": "120897978112909812", "tag": "brand"}],
        }
