"""Remove what was kept long enough (the diary): a case some time after its end, its trail later.

The playbook's ``retention_days`` counts from a case's end: ``posts`` for what was said (posts, answers, notes, mails and
their files), ``cases`` for the rest of it and for what leads to it, ``audit`` for the trail. Each part is removed by
keys, so that a row that nobody can read goes, too. The case's own row goes last, in one transaction with a record of what
is left, so that a crash at any place is made good by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ..model.case import Case
from ..model.records import Audit, AuthorCase, AuthorRecord, ContactRecord, Note, RemovedCase, StoredPost, Thread
from ..outward.bodies import MAIL
from ..playbook.rules import RetentionDays
from ..table import Record, keys
from ..table.keys import Key
from .person import contact_keys
from .services import Services
from .take_post import thread_key

WORDS = ("post#", "own#", "reply#", "note#", "mail#")
"""Parts of a case that hold what people said."""
KEPT = ("audit#", "removed")
"""Parts that outlive the case."""


def retain(case: Case, services: Services) -> None:
    """Do what is due for a case that is over: find out until when it is kept, then remove it part by part."""
    now, days = services.clock(), services.playbooks.active().retention_days
    if case.remove_at is None:
        services.table.commit([_kept(case, days, services)], now)
    elif case.remove_at <= now and not case.wordless and days.posts < days.cases and case.ended_at is not None:
        _remove_words(case, services)
        rest = case.kept_until(case.ended_at, case.ended_at + timedelta(days=days.cases), wordless=True)
        services.table.commit([rest], now)
    elif case.remove_at <= now:
        _remove(case, days, services)


def again(case: Case, services: Services) -> bool:
    """Count a case's retention by the active playbook, whatever it was before. Whether that changed anything."""
    kept = _kept(case, services.playbooks.active().retention_days, services)
    if kept == case:
        return False
    services.table.commit([kept], services.clock())
    return True


def end_trail(removed: RemovedCase, services: Services) -> None:
    """The trail's own term is over: nothing is left of the case."""
    rows = services.table.keys_of_case(removed.case_id)
    services.table.remove(key for key in rows if key.sk != keys.removed(removed.case_id).sk)
    services.table.replace(removed, None, services.clock())


def _kept(case: Case, days: RetentionDays, services: Services) -> Case:
    ended = case.ended_at or _end(case, services)
    first = days.cases if case.wordless else min(days.posts, days.cases)
    return case.kept_until(ended, ended + timedelta(days=first), wordless=case.wordless)


def _end(case: Case, services: Services) -> datetime:
    """When it ended: its trail's last line says so."""
    trail = [each.at for each in services.table.of_case(case.id, "audit#") if isinstance(each, Audit)]
    return max([case.last_post_at, *trail])


def _remove_words(case: Case, services: Services) -> None:
    records = services.table.of_case(case.id)
    for key in _files(records):
        services.bodies.delete(key)
    services.table.remove(_leading(case, records, services))
    services.table.remove(key for key in services.table.keys_of_case(case.id) if key.sk.startswith(WORDS))


def _remove(case: Case, days: RetentionDays, services: Services) -> None:
    now, ended = services.clock(), case.ended_at or case.last_post_at
    _remove_words(case, services)
    services.table.remove(_pointers(case, services))
    own = keys.case(case.id)
    rest = (key for key in services.table.keys_of_case(case.id) if key != own and not key.sk.startswith(KEPT))
    services.table.remove(rest)
    trail_ends = max(ended + timedelta(days=days.audit), now)
    left = RemovedCase(case_id=case.id, ended_at=ended, removed_at=now, due_at=trail_ends)
    services.table.replace(case, left, now)
    services.count("CasesRemoved")


def _files(records: Iterable[Record]) -> Iterator[str]:
    """What lies in the bucket: a branch's mail about the case, and what hung on it."""
    for note in records:
        if isinstance(note, Note):
            yield from (each.key for each in note.attachments if each.key)
            if note.id.startswith("mail-"):
                yield f"{MAIL}{note.id.removeprefix('mail-')}"


def _leading(case: Case, records: Iterable[Record], services: Services) -> list[Key]:
    """What leads to the case by its posts: threads and contacts, as long as they lead to this very case, and that others
    than its author wrote on it."""
    posts = [each for each in records if isinstance(each, StoredPost)]
    wanted = [keys.thread(thread_key(each.post)) for each in posts]
    wanted += [keys.contact(name) for each in posts for name in contact_keys(each)]
    found = services.table.read(wanted).readable
    others = {each.post.author_key for each in posts} - {case.author_key}
    authors = [keys.author_case(other, case.id) for other in sorted(others)]
    return [*authors, *(key for key, each in found.items() if _leads_to(each, case))]


def _leads_to(record: Record, case: Case) -> bool:
    return isinstance(record, Thread | ContactRecord) and record.case_id == case.id


def _pointers(case: Case, services: Services) -> list[Key]:
    """That the case's author wrote on it; and the author's own row if it knows of no other case and of no wish."""
    rows = services.table.of_author(case.author_key)
    author = next((each for each in rows if isinstance(each, AuthorRecord)), None)
    others = [each for each in rows if isinstance(each, AuthorCase) and each.case_id != case.id]
    gone = [keys.author_case(case.author_key, case.id)]
    if author is not None and not others and not rows.unknown and _forgettable(author, case):
        services.table.replace(author, None, services.clock())
    return gone


def _forgettable(author: AuthorRecord, case: Case) -> bool:
    wishes = (author.opted_out_at, author.walked_away_until, author.moved_to, author.linked_from)
    return not any(wishes) and {author.open_case, author.last_case} <= {case.id, None}
