"""What X lets a robot say."""

from __future__ import annotations

from ...model.law import Clause, Law
from ...model.post import Post
from .length import MAX_MESSAGE, MAX_POST, weighted_length

_READ = "2026-08"

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for clause in (
        Clause(
            name="x_summoned",
            says="A self-serve app may reply only to a post whose author mentions the replying account or quotes it.",
            source="X: changelog 23 Feb 2026, posts/manage-tweets/integrate",
            date=_READ,
        ),
        Clause(
            name="x_one_reply",
            says="At most one automated reply per interaction.",
            source="X: developer-guidelines, automation rules",
            date=_READ,
        ),
        Clause(
            name="x_unaddressed",
            says="No automated reply to people who complained without addressing the brand.",
            source="X: developer-guidelines, automation rules",
            date=_READ,
        ),
        Clause(
            name="x_wrote_first",
            says="No automated direct message unless the person wrote one first.",
            source="X: developer-guidelines, automation rules",
            date=_READ,
        ),
        Clause(
            name="x_encrypted",
            says="Encrypted talks can neither be read nor answered over the API.",
            source="X: activity/event-payloads, chat.received",
            date=_READ,
        ),
    )
}


def law(post: Post, plan: str) -> Law:
    """``plan`` is ``self_serve`` or ``enterprise``; anything else is taken for the stricter one."""
    if post.visibility == "private":
        readable = post.kind != "encrypted"
        return Law(
            automatic=readable,
            because=None if readable else "x_encrypted",
            once=True,
            max_length=MAX_MESSAGE,
            clauses=("x_wrote_first", "x_one_reply") if readable else ("x_encrypted",),
        )
    because = None
    if not post.addressed:
        because = "x_unaddressed"
    elif plan != "enterprise" and not post.mentions:
        because = "x_summoned"
    return Law(
        automatic=because is None,
        because=because,
        once=True,
        max_length=MAX_POST,
        measure=weighted_length,
        clauses=(because,) if because else ("x_one_reply",) if plan == "enterprise" else ("x_summoned", "x_one_reply"),
    )


def endpoint(post: Post) -> str:
    """``dms`` for private messages, ``posts`` for the rest."""
    return "dms" if post.visibility == "private" else "posts"
