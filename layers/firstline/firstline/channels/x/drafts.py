"""A post on X before it is judged: what both of X's notations say about it, and the events that follow."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...model.events import Edited, Event, Ignored, OwnWords, Posted
from ...model.post import Author, Media, Place, Post
from .. import reading

CHANNEL = "x"
_SNOWFLAKE_EPOCH_MS = 1288834974657
_LEADING_MENTION = re.compile(r"\s*@\w{1,20}\s*")
_HANDLE = re.compile(r"(?<![\w@/])@(\w{1,20})")
# X's words for "no language": unknown, and posts of only media, hashtags, mentions, links, short or quoted text.
_NO_LANGUAGE = frozenset({"und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"})
_OLD_LANGUAGE_CODES = {"iw": "he", "in": "id", "ji": "yi"}
# The apps in which people themselves write. X's own names; which app is ours is not known here.
_PEOPLES_APPS = frozenset(
    {"Twitter Web App", "Twitter Web Client", "X Web App"}
    | {f"{brand} for {device}" for brand in ("Twitter", "X") for device in ("iPhone", "iPad", "Android", "Mac")}
)


@dataclass(frozen=True, slots=True)
class Brand:
    """The brand's accounts on X. ``subscribed`` is the one that this delivery is for, if it says so."""

    accounts: Mapping[str, str]
    subscribed: str | None = None

    def owns(self, user_id: str | None) -> bool:
        """Whether the user is one of the brand's accounts."""
        return user_id is not None and (user_id in self.accounts or user_id == self.subscribed)

    def ids(self) -> tuple[str, ...]:
        """All known accounts, the subscribed one first."""
        first = (self.subscribed,) if self.subscribed else ()
        return tuple(dict.fromkeys((*first, *self.accounts)))

    def by_handle(self, handle: str | None) -> str | None:
        """The account of that handle."""
        wanted = (handle or "").lstrip("@").casefold()
        return next(
            (key for key, name in self.accounts.items() if wanted and name.lstrip("@").casefold() == wanted), None
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention: where it starts in the raw text (code points), and whom it names."""

    start: int
    user_id: str | None
    handle: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a post on X says. ``raw`` is still escaped; ``visible_from`` is where the hidden mentions end in it.
    ``history`` holds the ids of all versions, oldest first. ``summoned`` is true where X itself calls it an explicit
    mention or a quote of the subscribed account; ``directed`` where X delivered it because it concerns that account."""

    post_id: str
    author: Author
    raw: str
    at: datetime
    visible_from: int = 0
    mentioned: tuple[Mention, ...] = ()
    parent_id: str | None = None
    parent_author: str | None = None
    parent_raw: str | None = None
    conversation_id: str | None = None
    quoted_id: str | None = None
    quoted_author: str | None = None
    quoted_raw: str | None = None
    repost: bool = False
    history: tuple[str, ...] = ()
    language: str | None = None
    media: tuple[Media, ...] = ()
    place: Place | None = None
    app: str | None = None
    reach: int | None = None
    summoned: bool = False
    directed: bool = False
    source: Any = field(default=None, repr=False)


def events_of(draft: Draft, brand: Brand) -> Iterator[Event]:
    """The events that a post is: nothing to do, own words, a post, or a new version of one.

    A new version gives a post under the *first* id and the change to it: the first version need not have come (it may
    not have named the brand), and where it did, its post is recognised and only the change counts.
    """
    if draft.repost:
        yield Ignored(key=f"{CHANNEL}~repost~{draft.post_id}", reason="repost")
        return
    first_id = draft.history[0] if draft.history else draft.post_id
    if brand.owns(draft.author.id):
        yield OwnWords(
            key=f"{CHANNEL}:{draft.post_id}#own",
            channel=CHANNEL,
            account=draft.author.id,
            post_id=first_id,
            text=plain(draft.raw, draft.visible_from),
            at=draft.at,
            parent_id=draft.parent_id,
            by_app=written_by_app(draft.app),
        )
        return
    post = _post(draft, brand, first_id)
    yield Posted(key=post.key, post=post)
    if draft.post_id != first_id:
        yield Edited(
            key=f"{post.key}#edited:{draft.post_id}", channel=CHANNEL, post_id=first_id, text=post.text, at=draft.at
        )


def _post(draft: Draft, brand: Brand, first_id: str) -> Post:
    named = _named(draft, brand, _hidden(draft.raw, draft.visible_from))
    answered = [key for key in (draft.parent_author,) if key and brand.owns(key)]
    concerned = [*named, *answered, *_named(draft, brand, 0)]
    account = brand.subscribed or next(iter([*concerned, *brand.accounts]), "")
    handle = draft.author.handle or "i"
    return Post(
        channel=CHANNEL,
        account=account,
        post_id=first_id,
        author=draft.author,
        text=plain(draft.raw, draft.visible_from),
        at=draft.at,
        thread_id=draft.conversation_id or draft.parent_id or first_id,
        parent_id=draft.parent_id,
        parent_text=plain(draft.parent_raw) if draft.parent_raw else None,
        quoted_id=draft.quoted_id,
        quoted_text=plain(draft.quoted_raw) if draft.quoted_raw else None,
        language=draft.language,
        media=draft.media,
        place=draft.place,
        mentions=named,
        addressed=bool(concerned) or draft.directed,
        top_level=draft.parent_id is None,
        reach=draft.reach,
        url=f"https://x.com/{handle}/status/{draft.post_id}",
    )


def _named(draft: Draft, brand: Brand, cut: int) -> tuple[str, ...]:
    """The brand's accounts that the text names from ``cut`` on, or the author quoted, the subscribed one first."""
    named = {one.user_id for one in draft.mentioned if one.start >= cut}
    named |= {brand.by_handle(one.handle) for one in draft.mentioned if one.start >= cut}
    named |= {brand.by_handle(handle) for handle in _HANDLE.findall(draft.raw[cut:])}
    named.add(draft.quoted_author)
    if draft.summoned:
        named.add(brand.subscribed)
    return tuple(account for account in brand.ids() if account in named)


def plain(raw: str, visible_from: int = 0) -> str:
    """The text as its author sees it: without the hidden mentions, entities resolved."""
    return html.unescape(raw[_hidden(raw, visible_from) :]).replace("\0", "\ufffd").strip()


def _hidden(raw: str, visible_from: int) -> int:
    # Only mentions are ever hidden: a range that reaches further (one of X's own samples does) costs no words.
    end = 0
    while end < visible_from and (found := _LEADING_MENTION.match(raw, end)):
        end = found.end()
    return end


def mentions_of(entities: Any, key: str, name: str) -> tuple[Mention, ...]:
    """The mentions in an ``entities`` object: ``user_mentions``/``screen_name`` in v1.1, ``mentions``/``username`` in
    v2. One without a position counts as written out."""
    found = []
    for one in map(reading.obj, reading.items(reading.obj(entities).get(key))):
        start = reading.whole(one.get("start"))
        if start is None:
            indices = reading.items(one.get("indices"))
            start = reading.whole(indices[0]) if indices else None
        user_id = reading.identifier(one.get("id_str")) or reading.identifier(one.get("id"))
        found.append(Mention(10**6 if start is None else start, user_id, reading.words(one.get(name)) or None))
    return tuple(found)


def language_of(value: Any) -> str | None:
    """X's word for the language, None where it has none."""
    code = reading.words(value)
    return None if not code or code in _NO_LANGUAGE else _OLD_LANGUAGE_CODES.get(code, code)


def reach_of(counts: Any, *actions: str) -> int | None:
    """How many people a post reached: its views, at least those who did something about it; None: not counted.
    Only v2 counts views (``impression_count``)."""
    given = reading.obj(counts)
    acted = [number for name in actions if (number := reading.whole(given.get(name))) is not None]
    seen = reading.whole(given.get("impression_count"))
    found = [number for number in (seen, sum(acted) if acted else None) if number is not None]
    return max(0, *found) if found else None


def written_by_app(name: str | None) -> bool | None:
    """False for an app in which people write themselves; None where that is not known."""
    return False if name in _PEOPLES_APPS else None


def moment_of_id(post_id: str) -> datetime:
    """When X made this id (milliseconds are its upper bits): the best there is where an event names no time."""
    number = reading.whole(post_id) or 0
    return reading.EPOCH + timedelta(milliseconds=(number >> 22) + _SNOWFLAKE_EPOCH_MS if number > 0 else 0)


def media_of(found: Iterable[Any], *urls: str) -> tuple[Media, ...]:
    """Attachments with the first of the named URLs that each has."""
    kept = []
    for one in map(reading.obj, found):
        url = next((text for name in urls if (text := reading.words(one.get(name)))), None)
        kept.append(Media(kind=reading.words(one.get("type")) or "media", url=url))
    return tuple(kept)
