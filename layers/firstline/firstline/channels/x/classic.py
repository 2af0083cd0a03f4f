"""X's classic (v1.1) post objects, as the Account Activity API sends them in ``tweet_create_events``."""

from __future__ import annotations

import re
from typing import Any

from ...model.post import Author, Place
from .. import reading
from ..reading import Json
from .drafts import Draft, language_of, media_of, mentions_of, reach_of

_ANCHOR = re.compile(r">([^<>]*)</a>")


def draft_of(tweet: Any) -> Draft:
    """Raises ValueError for what is no post. The id is ``id_str``: ``id`` is rounded by whoever read it as a float."""
    tweet = reading.obj(tweet)
    post_id = reading.required(tweet.get("id_str") or tweet.get("id"), "post_id")
    whole = reading.obj(tweet.get("extended_tweet")) if tweet.get("truncated") else {}
    body = whole or tweet
    quoted = reading.obj(tweet.get("quoted_status"))
    return Draft(
        post_id=post_id,
        author=author_of(tweet.get("user")),
        raw=_raw(tweet),
        at=reading.moment(tweet.get("timestamp_ms"), tweet.get("created_at")),
        visible_from=_visible_from(body),
        mentioned=mentions_of(body.get("entities"), "user_mentions", "screen_name"),
        parent_id=reading.identifier(tweet.get("in_reply_to_status_id_str")),
        parent_author=reading.identifier(tweet.get("in_reply_to_user_id_str")),
        conversation_id=reading.identifier(tweet.get("conversation_id_str")),
        quoted_id=reading.identifier(quoted.get("id_str")) or reading.identifier(tweet.get("quoted_status_id_str")),
        quoted_author=reading.identifier(reading.obj(quoted.get("user")).get("id_str")),
        quoted_raw=_raw(quoted) or None,
        repost=isinstance(tweet.get("retweeted_status"), dict),
        history=history_of(tweet, post_id),
        language=language_of(tweet.get("lang")),
        media=media_of(
            reading.items(reading.obj(body.get("extended_entities") or tweet.get("extended_entities")).get("media")),
            "media_url_https",
            "media_url",
        ),
        place=_place(tweet),
        reach=reach_of(tweet, "retweet_count", "quote_count", "reply_count", "favorite_count"),
        app=next(iter(_ANCHOR.findall(reading.words(tweet.get("source")))), None),
    )


def author_of(user: Any) -> Author:
    """The author; raises ValueError without an id. Follower counts below zero (samples) count as unknown."""
    user = reading.obj(user)
    followers = reading.whole(user.get("followers_count"))
    verified = user.get("verified")
    return Author(
        id=reading.required(user.get("id_str") or user.get("id"), "author"),
        handle=reading.words(user.get("screen_name")) or None,
        name=reading.words(user.get("name")) or None,
        followers=followers if followers is not None and followers >= 0 else None,
        verified=verified if isinstance(verified, bool) else None,
    )


def history_of(tweet: Json, post_id: str) -> tuple[str, ...]:
    """All versions' ids, oldest first; empty for a post that was never edited. v1.1 keeps them one level deeper."""
    found = reading.items(
        tweet.get("edit_history_tweet_ids") or reading.obj(tweet.get("edit_history")).get("edit_tweet_ids")
    )
    ids = tuple(key for key in map(reading.identifier, found) if key)
    return ids if len(ids) > 1 and post_id in ids else ()


def _raw(tweet: Json) -> str:
    whole = reading.words(reading.obj(tweet.get("extended_tweet")).get("full_text"))
    if whole and tweet.get("truncated"):
        return whole
    return reading.words(tweet.get("full_text")) or reading.words(tweet.get("text"))


def _visible_from(body: Json) -> int:
    shown = reading.items(body.get("display_text_range"))
    return (reading.whole(shown[0]) or 0) if shown else 0


def _place(tweet: Json) -> Place | None:
    name = reading.words(reading.obj(tweet.get("place")).get("full_name")) or None
    point = reading.items(reading.obj(tweet.get("coordinates")).get("coordinates"))
    longitude, latitude = map(reading.decimal, point) if len(point) == 2 else (None, None)
    return Place(name=name, latitude=latitude, longitude=longitude) if name or latitude else None
