"""A person over all channels: the identities that cases join, and all that is kept of them (R12, R14, R65)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..model.case import Case, case_id_of
from ..model.errors import NotFound
from ..model.records import AuthorCase, AuthorRecord, StoredPost
from ..table import keys
from .services import Services


@dataclass(frozen=True)
class Person:
    """Somebody's author keys (``channel:author_id``) and the ids of the cases that they wrote on."""

    authors: tuple[str, ...]
    cases: tuple[str, ...]


def named(who: str, services: Services) -> Person:
    """The person of an author key (``x:7000000000000042``) or of a case reference. Raises NotFound."""
    if ":" in who:
        person = known_by((who,), services)
        if not person.cases and not services.table.of_author(who):
            raise NotFound(f"nothing is kept of {who}")
        return person
    case = services.table.get(keys.case(case_id_of(who)))
    if not isinstance(case, Case):
        raise NotFound(f"there is no case {who}")
    return known_by((case.author_key,), services)


def known_by(authors: Iterable[str], services: Services) -> Person:
    """Follow identities to cases and cases to whoever else wrote on them: one case is one customer's (R10)."""
    found, cases = list(dict.fromkeys(authors)), dict[str, None]()
    for author in found:  # grows while it is read
        records = services.table.of_author(author)
        found += [each for each in _other_ids(author, records, services) if each not in found]
        for pointer in records:
            if not isinstance(pointer, AuthorCase) or pointer.case_id in cases:
                continue
            cases[pointer.case_id] = None
            for stored in services.table.of_case(pointer.case_id, "post#"):
                if isinstance(stored, StoredPost) and not stored.erased and stored.post.author_key not in found:
                    found.append(stored.post.author_key)
                if isinstance(stored, StoredPost) and stored.post.author.also:
                    second = f"{stored.post.channel}:{stored.post.author.also}"
                    if second not in found and _is_of(second, stored.post.author_key, services):
                        found.append(second)
    return Person(tuple(found), tuple(cases))


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


def export(person: Person, services: Services) -> dict[str, Any]:
    """All that is kept of a person, as JSON for a legal request: identities, and each case with its posts, answers,
    handoffs, notes and trail. Fields that are empty or as usual are left out."""
    identities = [
        record
        for author in person.authors
        for record in services.table.of_author(author)
        if isinstance(record, AuthorRecord)
    ]
    return {
        "version": 1,
        "exported_at": services.clock().isoformat(timespec="seconds"),
        "identities": [_plain(each) for each in identities],
        "cases": [_case(case_id, services) for case_id in person.cases],
    }


def _case(case_id: str, services: Services) -> dict[str, Any]:
    parts: dict[str, list[Any]] = {}
    records = services.table.of_case(case_id)
    for record in records:
        parts.setdefault(type(record).__name__, []).append(_plain(record))
    told: dict[str, Any] = {"case": parts.pop("Case", [None])[0], **{name: parts[name] for name in sorted(parts)}}
    return {**told, "not_readable": records.unknown} if records.unknown else told


def _plain(record: Any) -> dict[str, Any]:
    plain: dict[str, Any] = record.model_dump(mode="json", exclude_defaults=True, exclude={"version"})
    return plain
