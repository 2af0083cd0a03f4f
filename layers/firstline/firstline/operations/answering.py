"""A person's answer to a post, as the record that the reply function sends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from .. import channels
from ..model.case import Case
from ..model.errors import Refused
from ..model.records import StoredPost
from ..model.reply import Reply
from ..playbook import Playbook
from ..table import Record, keys
from .services import GRACE
from .snapshot import Snapshot

SEVERITY = 3
"""People's words go first."""


def an_answer(
    identity: str,
    case: Case,
    stored: StoredPost,
    words: str,
    who: str,
    public: bool,
    playbook: Playbook,
    now: datetime,
    said: Iterable[Reply] = (),
) -> Reply:
    """Words to a post in its own thread, or by the platform's private way. Refused where the platform has none."""
    post = stored.post
    endpoint, recipient = _way(stored, public, said, now)
    return Reply(
        id=identity,
        case_id=case.id,
        kind="agent",
        by=who,
        channel=post.channel,
        account=case.account if post.visibility == "public" else post.account,
        endpoint=endpoint,
        post_keys=(post.key,),
        author_key=post.author_key,
        in_reply_to=post.post_id,
        recipient=recipient,
        severity=SEVERITY,
        created_at=now,
        not_before=now,
        due_at=now + GRACE,
        text=words,
        playbook_version=playbook.version,
    )


def in_place_of_robot(
    case: Case, answer: Reply, stored: StoredPost, snapshot: Snapshot, now: datetime
) -> tuple[Case, list[Record | None]]:
    """The case with a person's answer on its way; the robot's acknowledgement of that post, if it still waits, is not
    said any more."""
    case = case.flying(answer.id)
    robots = snapshot.get(Reply, keys.reply(case.id, stored.reply_id)) if stored.reply_id else None
    if robots is None or robots.state != "pending":
        return case, []
    return case.landed(robots.id), [robots.cancelled("answered_by_person", now)]


def _way(stored: StoredPost, public: bool, said: Iterable[Reply], now: datetime) -> tuple[str, str | None]:
    """Endpoint and recipient of an answer. Refused where the platform has no such way, or not any more: ``said`` are
    the case's replies so far, of which one post may have one private reply where that is the law."""
    post = stored.post
    if post.visibility == "private" or public:
        recipient = post.author.reached_at if post.visibility == "private" else None
        return channels.adapter(post.channel).endpoint(post), recipient
    ways = {"facebook": "private_replies", "instagram": "private_replies", "x": "dms"}
    if post.channel not in ways:
        raise Refused(f"{post.channel} has no private answer to a public post")
    terms = channels.adapter(post.channel).TERMS[ways[post.channel]]
    if terms.ends_after is not None and now - post.at > timedelta(seconds=terms.ends_after):
        raise Refused(f"{post.channel} allows a private reply within {terms.ends_after // 86400} days only")
    used = {"sending", "unclear", "sent"}
    if ways[post.channel] == "private_replies" and any(
        each.endpoint == "private_replies" and post.key in each.post_keys and each.state in used for each in said
    ):
        raise Refused(f"{post.channel} allows one private reply to a post, and it has gone out")
    return ways[post.channel], post.author.id
