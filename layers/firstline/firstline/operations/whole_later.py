"""A post that was told by its id, could not be read, and comes whole later (R8c): its words are not lost to the stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.case import Case
from ..model.events import Edited
from ..model.post import Post
from ..model.records import Seen, StoredPost
from ..table import Record, keys
from .audit import line
from .removal import without_text

if TYPE_CHECKING:
    from .take_in import Taking

NAMELESS, HOLLOW = "author_unknown", "without_words"
"""Outcomes of posts of which there is more to come: who wrote it, or what."""


def is_hollow(post: Post) -> bool:
    """Whether nothing of it is known but that it is there."""
    return post.incomplete is not None and not (post.text.strip() or post.media or post.place)


def words_of(post: Post) -> Edited:
    """The words of a post that was taken in without any, as the change that they are."""
    key = f"{post.key}#edited:whole"
    return Edited(key=key, channel=post.channel, post_id=post.post_id, text=post.text, at=post.at)


def left_behind(post: Post, seen: Seen, taking: Taking) -> tuple[Seen, list[Record | None]]:
    """The post goes to its author's own case. What the case without a name becomes, and the mark to begin anew with.

    That case is over unless somebody works on it.
    """
    snapshot, now, case_id = taking.snapshot, taking.now, seen.case_id or ""
    snapshot.fetch([keys.case(case_id), keys.post(case_id, post.key)])
    case, stored = snapshot.get(Case, keys.case(case_id)), snapshot.get(StoredPost, keys.post(case_id, post.key))
    records: list[Record | None] = []
    if case is not None and stored is not None:
        records += [without_text(stored), line(case.id, now, "post_named", by="platform", about=(post.key,))]
        if case.holder is None and not case.in_flight and case.posts <= 1:
            records.append(case.without_post(post.key).closed("author_known_later"))
    answered_at = stored.answered_at if stored is not None else None
    return seen.model_copy(update={"kind": "awaited", "answered_at": answered_at}), records
