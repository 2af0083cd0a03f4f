"""Who a post's author is, where a platform has two ids for a person or changes them (WhatsApp, R12).

One record per id, changed under condition like all others: the id by which the platform names a person now holds the
person's state; the ids before it, and the phone number beside it, point to it. So a message by any of them comes to the
same open case, whatever came first, and two at once cannot open two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..model.case import Case
from ..model.events import IdentityChanged
from ..model.post import Post
from ..model.records import AuthorCase, AuthorRecord, Silence
from ..table import Record, keys
from ..table.keys import Key
from .audit import line
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .take_in import Taking

MOST_MOVES = 8
"""So many changes of a person's id are followed."""
MOST_KEPT = 100


@dataclass(frozen=True)
class Known:
    """A post as its author is known, the author's record to begin with, and the records that point to it from now on."""

    post: Post
    author: AuthorRecord
    pointers: tuple[AuthorRecord, ...] = ()


def author_keys(channel: str, *ids: str | None) -> list[Key]:
    """The records of a person's ids."""
    return [keys.author(f"{channel}:{each}") for each in ids if each is not None]


def silence_keys(channel: str, *ids: str | None) -> list[Key]:
    """Where the wishes for silence of a person's ids stand, if the person was erased."""
    return [keys.silence(keys.hashed(each.pk.partition("#")[2])) for each in author_keys(channel, *ids)]


def present(author_key: str, snapshot: Snapshot) -> AuthorRecord | None:
    """The record that holds the person's state now, found by any id that the person ever had; None: never seen."""
    record = snapshot.get(AuthorRecord, keys.author(author_key))
    for _ in range(MOST_MOVES):
        if record is None or record.moved_to is None:
            break
        moved_to = record.moved_to
        record = snapshot.get(AuthorRecord, keys.author(moved_to)) or AuthorRecord(key=moved_to)
    return record


def of(post: Post, snapshot: Snapshot) -> Known:
    """The post by the author's present id. Its other ids are taken over with all that is known about them, once."""
    record = present(post.author_key, snapshot)
    if record is not None and record.key != post.author_key:
        post = _by(post, record.key.partition(":")[2])
    author = record or _new(post, snapshot)
    pointers: list[AuthorRecord] = []
    for other in post.author.others:
        second_key = f"{post.channel}:{other}"
        second = snapshot.get(AuthorRecord, keys.author(second_key)) or AuthorRecord(key=second_key, moved_to="")
        if second.moved_to == author.key or second.key == author.key:
            continue
        if second.moved_to is None:
            author = _merged(author, second, f"{second.key} (the platform named both ids of one person)")
        # Where it pointed to somebody else the number has a new owner. Never show them the previous owner's data.
        pointers.append(_pointer(second, author.key))
    return Known(post, author, tuple(pointers))


def _new(post: Post, snapshot: Snapshot) -> AuthorRecord:
    """Somebody who was never seen; or was erased, and had asked robots to be silent: that is honoured."""
    wishes = [snapshot.get(Silence, key) for key in silence_keys(post.channel, post.author.id, *post.author.others)]
    since = min((each.opted_out_at for each in wishes if each is not None), default=None)
    return AuthorRecord(key=post.author_key, opted_out_at=since, opted_out_by="author" if since else None)


def _by(post: Post, author_id: str) -> Post:
    alone = post.thread_id == post.author.id
    author = post.author.model_copy(update={"id": author_id, "also": post.author.also or post.author.id})
    return post.model_copy(update={"author": author, "thread_id": author_id if alone else post.thread_id})


def _pointer(record: AuthorRecord, to: str) -> AuthorRecord:
    return AuthorRecord(key=record.key, moved_to=to, linked_from=record.linked_from, version=record.version)


def _merged(author: AuthorRecord, earlier: AuthorRecord, basis: str) -> AuthorRecord:
    """The state of two records that turn out to be one person's: the later case, and the stricter of all wishes."""
    spoken = max((each.opted_in_at for each in (author, earlier) if each.opted_in_at is not None), default=None)
    wishes = [each for each in (author, earlier) if each.opted_out_at is not None]
    wish = min(wishes, key=_since, default=None)
    if wish is not None and spoken is not None and all(spoken > _since(each) for each in wishes):
        wish = None
    away = [each for each in (author.walked_away_until, earlier.walked_away_until) if each is not None]
    latest = [each for each in (author.last_post_at, earlier.last_post_at) if each is not None]
    return author.model_copy(
        update={
            "open_case": author.open_case or earlier.open_case,
            "last_case": author.last_case or earlier.last_case,
            "last_post_at": max(latest, default=None),
            "recent_wordings": (*earlier.recent_wordings, *author.recent_wordings)[-MOST_KEPT:],
            "robot_words": tuple(sorted((*earlier.robot_words, *author.robot_words)))[-MOST_KEPT:],
            "burst": author.burst or (earlier.burst if author.open_case is None else None),
            "opted_out_at": wish.opted_out_at if wish is not None else None,
            "opted_out_by": wish.opted_out_by if wish is not None else None,
            "opted_in_at": spoken,
            "walked_away_until": max(away, default=None),
            "linked_from": basis,
        }
    )


def _since(author: AuthorRecord) -> datetime:
    """Since when robots are silent to an author who wished so."""
    return author.opted_out_at or datetime.max.replace(tzinfo=UTC)


def first_keys(event: IdentityChanged) -> list[Key]:
    """What is read in the first round."""
    return author_keys(event.channel, event.previous, event.current)


def take(event: IdentityChanged, taking: Taking) -> None:
    """The person's state moves to the new id; the old one points to it, also where nobody wrote under it yet."""
    snapshot = taking.snapshot
    if taking.taken(event.key):
        return
    snapshot.fetch(first_keys(event))
    previous_key, current_key = f"{event.channel}:{event.previous}", f"{event.channel}:{event.current}"
    previous = present(previous_key, snapshot) or AuthorRecord(key=previous_key)
    current = present(current_key, snapshot) or AuthorRecord(key=current_key)
    mark = taking.marked(event.key, "change", "identity_changed")
    if current.key == previous.key:
        taking.commit([mark])  # they are one person already
        return
    basis = f"{previous.key} (the platform changed the person's id)"
    moved = _merged(current, previous, basis)
    records: list[Record | None] = [mark, moved, _pointer(previous, moved.key)]
    latest = moved.open_case or moved.last_case
    if latest is not None:
        records.append(AuthorCase(author_key=moved.key, case_id=latest))
    case = snapshot.get(Case, keys.case(moved.open_case)) if moved.open_case else None
    if case is not None:
        why = "the platform changed the person's id"
        records.append(line(case.id, taking.now, "identity_changed", by="platform", why=why))
    taking.commit(records)
