"""Erase a person over all channels (R65): the texts, names and ids go, the trail stays and says that it happened.

A wish is a record with a due time, so the diary brings it to its end whatever crashes. Each step may be repeated:

1. Write down who the person is and which cases are theirs. Close those cases as erased: from then on no commit puts
   words or names on them (`model/erased.py`). Look again, until nothing came in meanwhile.
2. When nothing of them is on its way to a platform or a branch any more, empty them. What leads back to an emptied case
   is a hash (`ErasedCase`).
3. Forget the authors. Who wrote anew after the wish has a new case, which stays, and is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar, cast

from ..model.case import ERASED, Case
from ..model.erased import OfCase, blank, stopped
from ..model.errors import LostRace, UnknownForm
from ..model.handoff import BranchMail, Handoff
from ..model.records import AuthorCase, AuthorRecord, ErasedCase, Erasure, Seen, Silence, StoredPost
from ..model.reply import Reply
from ..table import Record, keys
from .audit import line
from .person import contact_keys, elsewhere, files, known_by
from .services import Services

R = TypeVar("R", bound=Record)
PAUSE = timedelta(minutes=2)
"""How long a reply or mail that is on its way is waited for before the next try."""
AT_ONCE = 10
"""Records changed in one transaction, each with what lies elsewhere under its keys: DynamoDB takes 100 in all."""
MOST_AT_ONCE = 90
ROUNDS = 5
"""So often it is looked whether posts came in while cases were being closed; then later again."""


def ask(
    code: str, asked_by: str, subjects: tuple[str, ...], services: Services, *, cases: tuple[str, ...] = ()
) -> Erasure:
    """Record the wish, due at once; the same wish again (same ``code``) is the one there is. ``cases``: ids of cases
    that are the person's whoever is named on them."""
    now = services.clock()
    wish = Erasure(code=code, asked_by=asked_by, asked_at=now, subjects=subjects, on=cases, due_at=now)
    try:
        services.table.commit([wish], now)
    except LostRace:
        return cast(Erasure, services.table.get(keys.erasure(code)))
    return wish.model_copy(update={"version": 1})


def erase(code: str, services: Services) -> Erasure | None:
    """Do what can be done now; what remains is due again. Raises `LostRace` when somebody wrote at the same time."""
    wish = services.table.get(keys.erasure(code))
    if not isinstance(wish, Erasure) or wish.state == "done":
        return wish if isinstance(wish, Erasure) else None
    now = services.clock()
    wish, whole = _closed(wish, services)
    settled = [_empty(case_id, services) for case_id in wish.on]
    if not whole or not all(settled):
        return _kept(wish, services, due_at=now + PAUSE)
    _forget(wish, services)
    services.tell("person_erased", cases=wish.cases)
    return _kept(wish, services, state="done", subjects=(), on=(), done_at=now, due_at=None)


def _kept(wish: Erasure, services: Services, **changes: object) -> Erasure:
    changed = wish.model_copy(update=changes)
    services.table.commit([changed], services.clock())
    return changed.model_copy(update={"version": changed.version + 1})


# -- closing -----------------------------------------------------------------------------------------------------


def _closed(wish: Erasure, services: Services) -> tuple[Erasure, bool]:
    """The wish with all identities and cases of the person, every case closed; whether that is certain."""
    for _ in range(ROUNDS):
        person = known_by(wish.subjects, services, cases=wish.on, until=wish.asked_at)
        if (person.authors, person.cases, len(person.cases)) != (wish.subjects, wish.on, wish.cases):
            wish = _kept(wish, services, subjects=person.authors, on=person.cases, cases=len(person.cases))
        if not [case_id for case_id in wish.on if _close(case_id, wish.asked_by, services)]:
            return wish, True
    return wish, False


def _close(case_id: str, asked_by: str, services: Services) -> bool:
    """Close a case as erased and stop what has not gone out yet. Whether it was not closed before."""
    now = services.clock()
    records = services.table.of_case(case_id)
    case = next((record for record in records if isinstance(record, Case)), None)
    if case is None:
        return False
    closing = case.disposition != ERASED
    if closing:
        services.table.commit([case.closed(ERASED), line(case_id, now, ERASED, by=asked_by)], now)
    for some in _in_turn([record for record in records if _stopped(record, now) != record], AT_ONCE):
        services.table.commit([_stopped(record, now) for record in some], now)
    return closing


def _stopped(record: Record, now: datetime) -> Record:
    return cast(Record, stopped(cast(OfCase, record), now))


# -- emptying ----------------------------------------------------------------------------------------------------


def _empty(case_id: str, services: Services) -> bool:
    """Take everything of the person from a closed case, last from the case itself: from then on every commit respects
    it (`model/erased.py`), and whatever was put on it since it was read makes this a lost race. False while something of
    it is on its way out, or cannot be read."""
    now = services.clock()
    case = services.table.hint(keys.case(case_id))
    rows = services.table.of_case(case_id)
    records = [record for record in rows if not isinstance(record, Case)]
    if (case is None and rows.unknown) or any(
        isinstance(record, Reply | Handoff | BranchMail) and record.open for record in records
    ):
        return False
    for ways in _in_turn(_ways_back(case_id, records), MOST_AT_ONCE):
        services.table.commit(ways, now)
    for key in files(case_id, records):
        services.bodies.delete(key)
    changed = [record for record in records if _emptied(record) != record]
    for some in _in_turn(changed, AT_ONCE):
        leading = elsewhere(some, services)
        marks = [mark.model_copy(update={"edited_text": None}) for mark in leading if isinstance(mark, Seen)]
        gone = [record for record in leading if not isinstance(record, Seen)]
        services.table.commit([*map(_emptied, some), *marks], now, gone=gone)
    if case is not None and (changed or _emptied(case) != case):
        services.table.commit([_emptied(case)], now)
    return not rows.unknown


def _emptied(record: Record) -> Record:
    """The row as it stays; the mark that a post was seen stays elsewhere, so that no redelivery brings it back."""
    return cast(Record, blank(cast(OfCase, record)))


def _ways_back(case_id: str, records: Sequence[Record]) -> list[Record]:
    """By whom the emptied case is found again, if something should be left on it."""
    names: dict[str, None] = {}
    for record in records:
        if isinstance(record, StoredPost) and record.post.author.id != ERASED:
            names[record.post.author_key] = None
            names |= {f"{record.post.channel}:{other}": None for other in record.post.author.others}
            names |= dict.fromkeys(contact_keys(record))
        elif isinstance(record, Reply) and record.reached:
            names[record.reached] = None
    return [ErasedCase(of=keys.hashed(name), case_id=case_id) for name in names]


# -- forgetting --------------------------------------------------------------------------------------------------


def _forget(wish: Erasure, services: Services) -> None:
    """The authors' own records go, all in one transaction: a post that came in meanwhile makes it a lost race. Who has a
    new case keeps what leads to that; a wish not to be written to by robots is honoured beyond the erasure."""
    now = services.clock()
    rows = {author: services.table.of_author(author) for author in wish.subjects}
    if any(records.unknown for records in rows.values()):
        raise UnknownForm("author", "an erasure waits for it")
    pointers = [row for records in rows.values() for row in records if isinstance(row, AuthorCase)]
    fresh = {row.author_key for row in pointers if row.case_id not in wish.on}
    for some in _in_turn([row for row in pointers if row.case_id in wish.on], AT_ONCE):
        ways = [ErasedCase(of=keys.hashed(row.author_key), case_id=row.case_id) for row in some]
        services.table.commit(ways, now, gone=some)
    authors = [row for records in rows.values() for row in records if isinstance(row, AuthorRecord)]
    stays = [_bare(each, wish) for each in authors if each.key in fresh or each.moved_to in fresh]
    over = [each for each in authors if not (each.key in fresh or each.moved_to in fresh)]
    silent = [silence for each in over if (silence := _silence(each, services)) is not None]
    if authors:
        services.table.commit([*stays, *silent], now, gone=over)


def _bare(author: AuthorRecord, wish: Erasure) -> AuthorRecord:
    """An author's record as if they had never written before the erasure."""
    kept = ("key", "open_case", "last_case", "last_post_at", "opted_out_at", "opted_out_by", "opted_in_at")
    known = {name: getattr(author, name) for name in (*kept, "burst", "robot_words", "moved_to", "version")}
    old = {name: None for name in ("open_case", "last_case") if known[name] in wish.on}
    burst = {"burst": None} if "open_case" in old else {}
    return AuthorRecord(**{**known, **old, **burst})


def _silence(author: AuthorRecord, services: Services) -> Silence | None:
    if author.opted_out_at is None:
        return None
    of = keys.hashed(author.key)
    known = services.table.get(keys.silence(of))
    version = known.version if known is not None else 0
    return Silence(of=of, opted_out_at=author.opted_out_at, version=version)


def _in_turn(records: Sequence[R], most: int) -> Iterator[list[R]]:
    """The records in lots that a transaction holds."""
    for start in range(0, len(records), most):
        yield list(records[start : start + most])
