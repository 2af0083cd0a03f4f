"""One change of a Page: ``feed`` (comments and posts), ``mention``, ``ratings``; everything else has its reason.

Source: Meta, webhooks reference, page; recorded bodies of restfb (both spellings of verbs, both notations of authors).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...model.events import Deleted, Edited, Event, NeedsLookup, OwnWords, Posted
from ...model.post import Author, Media, Post, unknown_author
from .. import reading
from ..meta.entry import Entry
from ..reading import Json

CHANNEL = "facebook"
UNKNOWN_AUTHOR = "the platform does not say who wrote this"

_POSTS = frozenset({"post", "status", "photo", "video", "share", "link", "note", "album"})
_EDITS = frozenset({"edit", "edited", "update"})
_GONE = {"remove": "deleted", "delete": "deleted", "hide": "hidden", "unhide": "restored"}
_IGNORED_ITEMS = frozenset({"like", "reaction", "event", "life_event", "offer", "page", "coupon", "milestone", "group"})
_IGNORED_VERBS = frozenset({"block", "unblock", "mute", "unmute", "follow", "unfollow", "match", "update_settings"})
# Notices about the page's own profile and business (Meta: webhooks reference, page).
# fmt: off
_OTHER_FIELDS = frozenset((
    "about", "affiliation", "attire", "awards", "bio", "birthday", "category", "company_overview", "conversations",
    "culinary_team", "current_location", "description", "email", "emails", "features", "founded", "general_info",
    "general_manager", "group_feed", "hometown", "hours", "invoice_access_invoice_change", "leadgen", "leadgen_fat",
    "live_videos", "local_delivery", "location", "members", "mission", "name", "page_about_story",
    "page_change_proposal", "page_upcoming_change", "parking", "payment_options", "personal_info",
    "personal_interests", "phone", "picture", "plan", "price_range", "product_review", "products", "profile_pic",
    "public_transit", "publisher_subscriptions", "restaurant_services", "restaurant_specialties", "schedule",
    "send_cart", "single_line_address", "story", "user_action", "video_text_question_responses", "videos", "website",
))
# fmt: on


def change_events(change: Any, entry: Entry) -> Iterator[Event]:
    """The events of one of ``changes[]``. Raises ValueError for what is not understood."""
    change = reading.obj(change)
    field, value = reading.words(change.get("field")), change.get("value")
    if field in ("feed", "mention", "ratings"):
        if not isinstance(value, dict):
            # Without values (a switch of the subscription) every post would be lost: it must be seen.
            raise ValueError("value_missing")
        yield from _rating(value, entry) if field == "ratings" else _words(value, entry, mention=field == "mention")
    elif value is None or field in _OTHER_FIELDS:
        yield entry.ignored(CHANNEL, f"field_{field}" if field in _OTHER_FIELDS else "value_missing", change)
    else:
        raise ValueError("unknown_field")


def _words(value: Json, entry: Entry, mention: bool) -> Iterator[Event]:
    item, verb = reading.words(value.get("item")), reading.words(value.get("verb"))
    comment = item == "comment" or (mention and reading.identifier(value.get("comment_id")) is not None)
    if not comment and item not in _POSTS:
        if item in _IGNORED_ITEMS:
            yield entry.ignored(CHANNEL, item, value)
            return
        raise ValueError("unknown_item")
    if verb == "add":
        yield _added(value, entry, comment, mention)
    elif verb in _IGNORED_VERBS:
        yield entry.ignored(CHANNEL, verb, value)
    else:
        yield _changed(value, entry, verb, _post_id(value, comment), comment, mention)


def _post_id(value: Json, comment: bool) -> str:
    return reading.required(value.get("comment_id" if comment else "post_id"), "post_id")


def _changed(value: Json, entry: Entry, verb: str, post_id: str, comment: bool = False, mention: bool = False) -> Event:
    """A change, whoever made it: a moderator hides what somebody else wrote, and the notice names only the author.

    Keys hold the time of the change (else that of the notice): a comment can be hidden, shown and hidden again.
    """
    text = reading.words(value.get("message")) or reading.words(value.get("review_text"))
    when = value.get("edited_time") or entry.time
    if verb in _EDITS:
        key = f"{CHANNEL}:{post_id}#edited:{reading.digest(when, text)}"
        unread = None if text.strip() else _to_be_read(_post(value, entry, comment, mention), key)
        return Edited(key=key, channel=CHANNEL, post_id=post_id, text=text, at=reading.moment(when), unread=unread)
    if verb not in _GONE:
        return entry.ignored(CHANNEL, "unknown_verb", value)
    how = _GONE[verb]
    suffix = how if how == "deleted" else f"{how}:{reading.digest(when)}"
    return Deleted(
        key=f"{CHANNEL}:{post_id}#{suffix}",
        channel=CHANNEL,
        post_id=post_id,
        at=reading.moment(entry.time, value.get("created_time")),
        how=how,  # type: ignore[arg-type]
    )


def _added(value: Json, entry: Entry, comment: bool, mention: bool) -> Event:
    post = _post(value, entry, comment, mention)
    if entry.owns(post.author.id):
        return OwnWords(
            key=f"{CHANNEL}:{post.post_id}#own",
            channel=CHANNEL,
            account=post.author.id,
            post_id=post.post_id,
            text=post.text,
            at=post.at,
            parent_id=post.parent_id,
            clocked=reading.timed(value.get("created_time")),
        )
    return _to_be_read(post, post.key) if post.author.unknown else Posted(key=post.key, post=post)


def _post(value: Json, entry: Entry, comment: bool, mention: bool) -> Post:
    """The post as the notice tells it."""
    post_id = reading.required(
        value.get("comment_id" if comment else "post_id") or value.get("open_graph_story_id"), "post_id"
    )
    thread_id = reading.identifier(value.get("post_id")) or post_id
    parent_id = (reading.identifier(value.get("parent_id")) or thread_id) if comment else None
    author = author_of(value)
    return Post(
        channel=CHANNEL,
        account=entry.account,
        post_id=post_id,
        author=author or unknown_author(post_id),
        text=reading.words(value.get("message")),
        at=reading.moment(value.get("created_time"), entry.time),
        kind="mention" if mention else "comment" if comment else "post",
        thread_id=thread_id,
        parent_id=parent_id,
        media=_media(value),
        mentions=(entry.account,) if mention else _tagged(value, entry),
        top_level=parent_id in (None, thread_id),
        url=reading.words(value.get("permalink_url")) or f"https://www.facebook.com/{post_id}",
        incomplete=None if author else UNKNOWN_AUTHOR,
    )


def _to_be_read(post: Post, key: str) -> NeedsLookup:
    """What to ask the platform for: the post, or (``key`` is an edit's) its present words."""
    ask = "post" if post.parent_id is None else "comment"
    return NeedsLookup(key=key, channel=CHANNEL, account=post.account, ask=ask, object_id=post.post_id, partial=post)


def _rating(value: Json, entry: Entry) -> Iterator[Event]:
    """A recommendation, or what people say below one."""
    item, verb = reading.words(value.get("item")), reading.words(value.get("verb"))
    story = reading.required(value.get("open_graph_story_id") or value.get("post_id"), "post_id")
    if item == "comment":
        yield from _words({"post_id": story, **value}, entry, mention=False)
    elif item in _IGNORED_ITEMS:
        yield entry.ignored(CHANNEL, item, value)
    elif item != "rating":
        raise ValueError("unknown_item")
    elif verb == "add":
        yield _recommended(value, entry, story)
    else:
        yield _changed(value, entry, verb, story)


def _recommended(value: Json, entry: Entry, story: str) -> Event:
    kind = reading.words(value.get("recommendation_type")).casefold()
    text = reading.words(value.get("review_text"))
    reviewer = {"from": {"id": value.get("reviewer_id"), "name": value.get("reviewer_name")}}
    author = author_of(reviewer)
    post = Post(
        channel=CHANNEL,
        account=entry.account,
        post_id=story,
        author=author or unknown_author(story),
        text=text,
        at=reading.moment(value.get("created_time"), entry.time),
        kind=f"rating_{kind}" if kind in ("positive", "negative") else "rating",
        thread_id=story,
        url=f"https://www.facebook.com/{story}",
        incomplete=UNKNOWN_AUTHOR if author is None else None if text else "a recommendation without words",
    )
    return Posted(key=post.key, post=post)


def author_of(value: Json) -> Author | None:
    """Whoever wrote it: ``from``, in older bodies ``sender_id`` and ``sender_name``, sometimes nobody."""
    given = reading.obj(value.get("from"))
    author_id = reading.identifier(given.get("id")) or reading.identifier(value.get("sender_id"))
    if author_id is None:
        return None
    name = reading.words(given.get("name")) or reading.words(value.get("sender_name"))
    return Author(id=author_id, name=name or None)


def _tagged(value: Json, entry: Entry) -> tuple[str, ...]:
    tags = (reading.identifier(reading.obj(tag).get("id")) for tag in reading.items(value.get("message_tags")))
    return tuple(dict.fromkeys(tag for tag in tags if tag and entry.owns(tag)))


def _media(value: Json) -> tuple[Media, ...]:
    single = [("photo", value.get("photo")), ("video", value.get("video"))]
    several = [("photo", url) for url in reading.items(value.get("photos"))]
    linked = [(reading.words(value.get("item")), value.get("link"))]
    return tuple(Media(kind=kind, url=url) for kind, url in (*single, *several, *linked) if kind and reading.words(url))
