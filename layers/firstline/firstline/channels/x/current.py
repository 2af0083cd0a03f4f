"""X's current (v2) post objects, as the X Activity API and the filtered stream send them."""

from __future__ import annotations

from typing import Any

from ...model.post import Author, Media, Place
from .. import reading
from ..reading import Json
from .classic import history_of
from .drafts import Draft, language_of, media_of, mentions_of, reach_of


def draft_of(post: Any, includes: Any, summoned: bool = False, directed: bool = False) -> Draft:
    """Raises ValueError for what is no post. ``includes`` may be empty, or wrap each thing in ``data``."""
    post = reading.obj(post)
    post_id = reading.required(post.get("id"), "post_id")
    author_id = reading.required(post.get("author_id"), "author")
    users, posts, media, places = (_by_key(includes, name) for name in ("users", "tweets", "media", "places"))
    related = {
        reading.words(one.get("type")): reading.identifier(one.get("id"))
        for one in map(reading.obj, reading.items(post.get("referenced_tweets")))
    }
    parent_id = reading.identifier(post.get("in_reply_to_tweet_id")) or related.get("replied_to")
    parent, quoted = posts.get(parent_id or "", {}), posts.get(related.get("quoted") or "", {})
    note = reading.obj(post.get("note_tweet"))
    whole = note if reading.words(note.get("text")) else post
    keys = reading.items(reading.obj(post.get("attachments")).get("media_keys"))
    return Draft(
        post_id=post_id,
        author=author_of(author_id, users.get(author_id)),
        raw=reading.words(whole.get("text")),
        at=reading.moment(post.get("created_at")),
        visible_from=_visible_from(post),
        mentioned=mentions_of(whole.get("entities"), "mentions", "username"),
        parent_id=parent_id,
        parent_author=reading.identifier(post.get("in_reply_to_user_id")),
        parent_raw=reading.words(parent.get("text")) or None,
        conversation_id=reading.identifier(post.get("conversation_id")),
        quoted_id=related.get("quoted"),
        quoted_author=reading.identifier(quoted.get("author_id")),
        quoted_raw=reading.words(quoted.get("text")) or None,
        repost="retweeted" in related,
        history=history_of(post, post_id),
        language=language_of(post.get("lang")),
        media=_media(keys, media),
        place=_place(post, places),
        app=reading.words(post.get("source")) or None,
        reach=reach_of(post.get("public_metrics"), "retweet_count", "quote_count", "reply_count", "like_count"),
        summoned=summoned,
        directed=directed,
    )


def author_of(author_id: str, user: Json | None) -> Author:
    """The author as far as the includes tell."""
    user = user or {}
    verified = user.get("verified")
    return Author(
        id=author_id,
        handle=reading.words(user.get("username")) or None,
        name=reading.words(user.get("name")) or None,
        followers=reading.whole(reading.obj(user.get("public_metrics")).get("followers_count")),
        verified=verified if isinstance(verified, bool) else None,
    )


def unwrapped(value: Any) -> Json:
    """A user as such, or wrapped in ``data`` (both are seen)."""
    value = reading.obj(value)
    return reading.obj(value.get("data")) if isinstance(value.get("data"), dict) else value


def _by_key(includes: Any, name: str) -> dict[str, Json]:
    things = map(unwrapped, reading.items(reading.obj(includes).get(name)))
    found = ((reading.identifier(one.get("media_key")) or reading.identifier(one.get("id")), one) for one in things)
    return {key: one for key, one in found if key}


def _visible_from(post: Json) -> int:
    shown = reading.items(post.get("display_text_range"))
    return (reading.whole(shown[0]) or 0) if shown else 0


def _media(keys: list[Any], known: dict[str, Json]) -> tuple[Media, ...]:
    return media_of((known.get(reading.identifier(key) or "", {}) for key in keys), "url", "preview_image_url")


def _place(post: Json, places: dict[str, Json]) -> Place | None:
    geo = reading.obj(post.get("geo"))
    name = reading.words(places.get(reading.identifier(geo.get("place_id")) or "", {}).get("full_name")) or None
    point = reading.items(reading.obj(geo.get("coordinates")).get("coordinates"))
    longitude, latitude = map(reading.decimal, point) if len(point) == 2 else (None, None)
    return Place(name=name, latitude=latitude, longitude=longitude) if name or latitude else None
