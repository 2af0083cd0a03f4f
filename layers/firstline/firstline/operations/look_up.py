"""What a notice tells by ids only, or without saying who wrote it (R7, R8c): ask the platform, and read its answer.

`complete` reads the platform; this is what intake does before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from .. import channels
from ..model.base import moment
from ..model.errors import Malformed
from ..model.events import Edited, Event, NeedsLookup, OwnWords, Posted
from ..model.post import Post
from ..model.records import Lookup
from ..outward.messages import Intake, lookup_nudge
from ..outward.queues import Message
from ..table import Record, keys
from ..table.keys import Key
from .services import GRACE

if TYPE_CHECKING:
    from .take_in import Taking


def first_keys(event: NeedsLookup) -> list[Key]:
    """What is read in the first round."""
    return [keys.seen(_sent_key(event.key))]


def take(event: NeedsLookup, taking: Taking) -> None:
    """Ask, unless the post is there already."""
    if not is_new(event.partial, taking):
        return
    seen = taking.seen(event.key)
    if seen is None or seen.kind in ("awaited", "quarantined"):
        mark = taking.marked(event.key, "lookup", "waiting")
        ask(event, taking, mark.remembering(seen) if seen else mark)
    elif seen.message_id == taking.source.message_id:
        _wake(event, taking)


def is_new(post: Post, taking: Taking) -> bool:
    """Whether the post may become a case: not what we sent ourselves, told without its author (the platform gave us its
    id). Raises Malformed for an account that no playbook names: nobody could ever answer there."""
    if post.author.unknown and (sent := taking.seen(_sent_key(post.key))) is not None:
        if taking.seen(post.key) is None:
            taking.commit([taking.marked(post.key, "own", "echo", case_id=sent.case_id, reply_id=sent.reply_id)])
        return False
    if not taking.taken(post.key) and taking.playbook.account(post.channel, post.account) is None:
        taking.services.tell("unknown_account", channel=post.channel, account=post.account)
        raise Malformed("unknown_account")
    return True


def _sent_key(post_key: str) -> str:
    return f"{post_key}#own"


def ask(event: NeedsLookup, taking: Taking, *records: Record | None) -> None:
    """Commit the look-up with the records of the event that it comes from, and wake it."""
    present = taking.snapshot.get(Lookup, keys.lookup(event.key))
    waiting = Lookup(
        key=event.key,
        event=event,
        delivery_id=taking.source.intake.delivery_id,
        received_at=taking.source.received_at,
        due_at=taking.now + timedelta(seconds=event.after) + 2 * GRACE,
        version=present.version if present else 0,
    )
    taking.commit([*records, waiting])
    _wake(event, taking)


def _wake(event: NeedsLookup, taking: Taking) -> None:
    """The same message, however often it is sent."""
    url = taking.services.settings.lookups_queue_url
    taking.messages.append(Message(url, lookup_nudge(event.key), event.after))


def completed(post: Post, intake: Intake, accounts: Mapping[str, str]) -> list[Event]:
    """The events that a completed notice is: own words where the author turns out to be the brand itself.

    Of an edit that came without words it is the post, which may be new to us, and the change of it.
    """
    asked = next(iter(intake.only), post.key)
    edited: list[Event] = []
    if asked != post.key:
        at, key = moment(intake.received_at), f"{asked}:read"
        edited = [Edited(key=key, channel=post.channel, post_id=post.post_id, text=post.text, at=at)]
    if not _by_the_brand(post, accounts):
        return [Posted(key=post.key, post=post), *edited]
    own = OwnWords(
        key=_sent_key(post.key),
        channel=post.channel,
        account=post.author.id if post.author.id in accounts else post.account,
        post_id=post.post_id,
        text=post.text,
        at=post.at,
        parent_id=post.parent_id,
        author_id=post.thread_id if post.visibility == "private" else None,
    )
    return [own, *edited]


def _by_the_brand(post: Post, accounts: Mapping[str, str]) -> bool:
    """By id, or by the handle where a platform's handles are one account's (a source's are anybody's)."""
    if post.author.id in accounts:
        return True
    own = accounts.get(post.account, "").lstrip("@").casefold()
    handle = (post.author.handle or "").lstrip("@").casefold()
    return bool(handle) and handle == own and post.channel != channels.SOURCED
