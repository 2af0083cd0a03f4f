"""A person over all channels: the identities that cases join, and all that is kept of them (R12, R14, R65).

What is kept is found in one place, for an export and for an erasure: neither can know of more than the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..model.case import ERASED, Case, case_id_of
from ..model.errors import NotFound
from ..model.numbers import one_notation
from ..model.post import Contact
from ..model.records import (
    Audit,
    AuthorCase,
    AuthorRecord,
    ContactRecord,
    ErasedCase,
    Note,
    Seen,
    StoredPost,
    Thread,
)
from ..model.reply import Reply
from ..outward.bodies import MAIL, attached_at
from ..outward.mailbox.files import MOST_KEPT
from ..table import Record, keys
from ..table.keys import Key
from .services import Services
from .take_post import thread_key

CONTACTS = ("email", "phone", "customer_number")


@dataclass(frozen=True)
class Person:
    """Somebody's author keys (``channel:author_id``) and the ids of the cases that they wrote on."""

    authors: tuple[str, ...]
    cases: tuple[str, ...]


def named(who: str, services: Services) -> Person:
    """The person of an author key (``x:7000000000000042``), a verified contact (``phone:+441632960961``) or of a case
    reference; also what is left of somebody who was erased. Raises NotFound."""
    kind, colon, value = who.partition(":")
    if kind in CONTACTS:
        person = _of_contact(kind, value, services)
    elif colon:
        person = known_by((who,), services)
        if not person.cases and who != (notation := _one_notation(who)):
            return named(notation, services)
        if not person.cases and not services.table.of_author(who):
            raise NotFound(f"nothing is kept of {who}")
    else:
        case_id = case_id_of(who)
        case = services.table.get(keys.case(case_id))
        if not isinstance(case, Case) and not services.table.of_case(case_id):
            raise NotFound(f"there is no case {who}")
        known = isinstance(case, Case) and case.disposition != ERASED
        return known_by((case.author_key,) if known else (), services, cases=(case_id,))
    if not person.authors and not person.cases:
        raise NotFound(f"nothing is kept of {who}")
    return person


def _one_notation(who: str) -> str:
    """A phone number as its person is known by it."""
    channel, _, author_id = who.partition(":")
    return f"{channel}:{one_notation(author_id)}" if channel == "whatsapp" else who


def _of_contact(kind: str, value: str, services: Services) -> Person:
    contact = Contact.of(kind, value)  # type: ignore[arg-type]
    if contact is None:
        raise NotFound(f"{value} is no {kind.replace('_', ' ')} in a notation that is known")
    known = services.table.get(keys.contact(contact.key))
    authors, cases = ((known.author_key,), (known.case_id,)) if isinstance(known, ContactRecord) else ((), ())
    return known_by(authors, services, cases=(*cases, *_erased(contact.key, services)))


def known_by(
    authors: Iterable[str], services: Services, *, cases: Iterable[str] = (), until: datetime | None = None
) -> Person:
    """Follow identities to cases and cases to whoever else wrote on them: one case is one customer's (R10).

    ``until``: cases that were opened later are not the person's that is meant.
    """
    found, on = list(dict.fromkeys(authors)), list(dict.fromkeys(cases))
    looked = 0
    for case_id in on:  # both grow while they are read
        found += [each for each in _authors_on(case_id, services) if each not in found]
    while looked < len(found):
        author, looked = found[looked], looked + 1
        records = services.table.of_author(author)
        found += [each for each in _other_ids(author, records, services) if each not in found]
        theirs = [each.case_id for each in records if isinstance(each, AuthorCase)]
        for case_id in (*theirs, *_erased(author, services)):
            if case_id in on or not _meant(case_id, until, services):
                continue
            on.append(case_id)
            found += [each for each in _authors_on(case_id, services) if each not in found]
    return Person(tuple(found), tuple(on))


def _meant(case_id: str, until: datetime | None, services: Services) -> bool:
    case = services.table.hint(keys.case(case_id)) if until is not None else None
    return not isinstance(case, Case) or until is None or case.opened_at <= until


def _erased(name: str, services: Services) -> list[str]:
    """The erased cases of an author key or a contact's key."""
    return [each.case_id for each in services.table.of_erased(keys.hashed(name)) if isinstance(each, ErasedCase)]


def _authors_on(case_id: str, services: Services) -> list[str]:
    """Whose posts are on a case, and whom its private replies reached."""
    found: dict[str, None] = {}
    for record in services.table.of_case(case_id):
        if isinstance(record, StoredPost) and record.post.author.id != ERASED:
            found[record.post.author_key] = None
            seconds = [f"{record.post.channel}:{other}" for other in record.post.author.others]
            found |= {second: None for second in seconds if _is_of(second, record.post.author_key, services)}
        elif isinstance(record, Reply) and record.reached:
            found[record.reached] = None
    return list(found)


def _other_ids(author: str, records: Iterable[Any], services: Services) -> list[str]:
    """Under which other keys the person was or is known (a number beside a scoped id, an id that was changed)."""
    found = []
    for record in records:
        if isinstance(record, AuthorRecord):
            found += [record.linked_from.partition(" ")[0]] if record.linked_from else []
            found += [record.moved_to] if record.moved_to and _is_of(author, record.moved_to, services) else []
    return found


def _is_of(pointing: str, author: str, services: Services) -> bool:
    """Whether what is kept under a key that points to the author is the author's: a number that got a new owner points
    to that one, and what was written under it before is the former's."""
    records = services.table.of_author(pointing)
    points = any(isinstance(record, AuthorRecord) and record.moved_to == author for record in records)
    known = services.table.get(keys.author(author))
    merged = isinstance(known, AuthorRecord) and (known.linked_from or "").partition(" ")[0] == pointing
    return points and (merged or not any(isinstance(record, AuthorCase) for record in records))


# -- what is kept ------------------------------------------------------------------------------------------------


def elsewhere(records: Iterable[Record], services: Services) -> list[Record]:
    """What names the person of these rows of a case under keys of its own, and leads to this case."""
    wanted: dict[Key, str] = {}
    for record in records:
        if isinstance(record, StoredPost):
            wanted |= dict.fromkeys(_elsewhere(record), record.case_id)
    found = services.table.read(wanted) if wanted else {}
    return [record for key, record in found.items() if _leads_to(record, wanted[key])]


def _elsewhere(record: StoredPost) -> Iterator[Key]:
    post = record.post
    yield keys.thread(thread_key(post))
    yield keys.lookup(post.key)
    yield keys.seen(record.key)
    yield from map(keys.contact, contact_keys(record))


def contact_keys(record: StoredPost) -> tuple[str, ...]:
    """The keys of the author's verified contacts."""
    return tuple(dict.fromkeys((*record.contact_keys, *(each.key for each in record.post.contacts))))


def _leads_to(record: Record, case_id: str) -> bool:
    """Threads and contacts lead to the latest case; a mark is of interest while it holds an edit's words."""
    if isinstance(record, Seen):
        return record.edited_text is not None
    return not isinstance(record, Thread | ContactRecord) or record.case_id == case_id


def files(case_id: str, records: Iterable[Record]) -> list[str]:
    """Where the bucket may hold a mail about the person, or what hung on it."""
    found: dict[str, None] = {}
    for record in records:
        if isinstance(record, Note):
            found |= dict.fromkeys(each.key for each in record.attachments if each.key)
        mails = record.about if isinstance(record, Audit) else (record.id,) if isinstance(record, Note) else ()
        for mail_id in (each.removeprefix("mail-") for each in mails if each.startswith("mail-")):
            found[f"{MAIL}{mail_id}"] = None
            found |= dict.fromkeys(attached_at(case_id, mail_id, number) for number in range(MOST_KEPT))
    return list(found)


def export(person: Person, services: Services) -> dict[str, Any]:
    """All that is kept of a person, as JSON for a legal request: identities, and each case with its posts, answers,
    handoffs, notes, trail and all that leads to it. Fields that are empty or as usual are left out."""
    identities = [record for author in person.authors for record in services.table.of_author(author)]
    return {
        "version": 1,
        "exported_at": services.clock().isoformat(timespec="seconds"),
        "identities": [_plain(each) for each in identities if isinstance(each, AuthorRecord)],
        "cases": [_case(case_id, services) for case_id in person.cases],
    }


def _case(case_id: str, services: Services) -> dict[str, Any]:
    records = services.table.of_case(case_id)
    parts: dict[str, list[Any]] = {}
    for record in (*records, *elsewhere(records, services)):
        parts.setdefault(type(record).__name__, []).append(_plain(record))
    kept = {name: parts[name] for name in sorted(parts) if name != "Case"}
    stored = [key for key in files(case_id, records) if services.bodies.holds(key)]
    told = {"case": parts.get("Case", [None])[0], **kept}
    more = {"files": stored, "not_readable": records.unknown}
    return {**told, **{name: found for name, found in more.items() if found}}


def _plain(record: Any) -> dict[str, Any]:
    plain: dict[str, Any] = record.model_dump(mode="json", exclude_defaults=True, exclude={"version"})
    return plain
