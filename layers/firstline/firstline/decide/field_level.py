"""Whether a branch must act on site, and which (R35).

Why: what only a technician, a shop or a driver can solve is solved sooner by the branch next door than by a desk far
away, and a mail to the wrong branch costs a day. So a branch is named only on evidence: its store id; or a field
issue (a visit, a repair, a delivery, or damage) together with one of its places, a postal code, the platform's
location, or a town near it where the post says that it is. Several that fit: the one for the product, then the one that
speaks the language, then the nearest. If the region is clear but no branch is, the region's desk takes it.

Examples: "technician never came, I'm in Leeds" -> Leeds; "store MAN02 refused my return" -> MAN02; "repair visit
missed, somewhere in Wales" -> the region's desk; "Love the shop in Leeds!" -> none; "nobody came" -> none yet: ask where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Literal, NamedTuple

from firstline.model.post import Place, Post
from firstline.playbook import Branch, Playbook, Region

from .reading import Reading
from .words import LONGEST, folded, found

NEAR_KM = 150.0
"""A location farther than this from every branch decides nothing but perhaps the region."""
_POSTCODE = re.compile(
    r"(?<![\w.,-])(?:"
    r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}"  # LS6 3HN
    r"|(?<=\bin )[a-z]{1,2}\d[a-z\d]?"  # "in M20"; alone it may be an error's code
    r"|[a-z]{1,2}-\d{4,5}"  # D-80331
    r"|\d{5}(?! ?(?:€|eur|£|\$|km|kw|w\b))"  # 75011, not a price
    r")(?![\w-])"
)


_THERE = {
    "en": "in|at|near",
    "es": "en|cerca de",
    "it": "a|ad|in|vicino a|presso",
    "de": "in|bei|nahe",
    "fr": "à|a|près de|en",
    "pt": "em|perto de",
    "nl": "in|bij|nabij",
}
"""Words after which the name of a town is one: without them Nancy is a person and Bath a tub. Else English's."""
_WORDS_AFTER = r"\s+#?(?=((?:[^\W\d_][\w'’.-]*[ ]?){1,5}))"


class FieldIssue(NamedTuple):
    """The branch that must act and the evidence."""

    branch: str
    reason: str
    kind: Literal["safety", "store", "onsite", "region"] = "onsite"
    """The reason without its evidence, as the branch's mail says it in the branch's language."""


def assess(post: Post, reading: Reading, playbook: Playbook) -> FieldIssue | None:
    """The branch that must act, or None."""
    branches = playbook.branches
    if not branches:
        return None
    stores = [b for b in branches if found(b.store_ids, reading.plain)]
    trouble = bool(reading.field or reading.severe or reading.safety)
    danger: Literal["safety"] | None = "safety" if reading.safety else None
    if stores and (trouble or reading.annoying or reading.negative):
        return FieldIssue(stores[0].id, f"names the store {stores[0].name}", danger or "store")
    if not reading.field and not (reading.severe or reading.safety):
        return None
    for evidence in (_by_place, _by_postal_code, _by_location, _by_town):
        fitting, why = evidence(post, reading, branches)
        best = _best(fitting, reading, playbook)
        if best is not None:
            return FieldIssue(best.id, f"{_matter(reading)}; {why[best.id]}", danger or "onsite")
    region = _region(post, reading, playbook)
    if region is not None:
        why_desk = f"{_matter(reading)} in {region.name}, no single branch: the region's desk"
        return FieldIssue(region.desk, why_desk, danger or "region")
    return None


def names_a_place(post: Post, reading: Reading, playbook: Playbook) -> bool:
    """Whether it already says where: then the place is not asked."""
    return bool(
        post.place
        or any(found((*b.places, *b.store_ids), reading.where) for b in playbook.branches)
        or any(_postal_match(b, reading.where) for b in playbook.branches)
        or _by_town(post, reading, playbook.branches)[0]
    )


Evidence = tuple[list[Branch], dict[str, str]]


def _by_place(post: Post, reading: Reading, branches: tuple[Branch, ...]) -> Evidence:
    named = {b.id: max(hits, key=len) for b in branches if (hits := found(b.places, reading.where))}
    # "West Didsbury" beats "Bury": the longest name that was found tells the most.
    longest = max((len(name) for name in named.values()), default=0)
    return (
        [b for b in branches if len(named.get(b.id, "")) == longest and longest],
        {b.id: f"names a place of {b.name}" for b in branches if b.id in named},
    )


def _by_postal_code(post: Post, reading: Reading, branches: tuple[Branch, ...]) -> Evidence:
    codes = {b.id: code for b in branches if (code := _postal_match(b, reading.where))}
    fitting = [b for b in branches if b.id in codes]
    return fitting, {b.id: f"a postal code of {b.name}" for b in fitting}


def _by_location(post: Post, reading: Reading, branches: tuple[Branch, ...]) -> Evidence:
    measured = [(km, b) for b in branches if (km := _distance(post.place, b)) is not None and km <= NEAR_KM]
    if not measured:
        return [], {}
    nearest, branch = min(measured, key=lambda m: m[0])
    return [branch], {branch.id: f"{nearest:.0f} km from {branch.name}"}


def _by_town(post: Post, reading: Reading, branches: tuple[Branch, ...]) -> Evidence:
    said = {folded(name): name for name in dict.fromkeys(_said_to_be_there(post, reading))}
    named = {b.id: said[hits[0]] for b in branches if (hits := [name for name in said if name in _folded(b.nearby)])}
    fitting = [b for b in branches if b.id in named]
    return fitting, {b.id: f"a town that belongs to {b.name}" for b in fitting}


def _said_to_be_there(post: Post, reading: Reading) -> Iterator[str]:
    """The location's name, and names after a word for being there: "in York", but of "in York Road" only all of it.

    A name has a capital first, so that who is "bad at reading" lives nowhere: asking where costs less than a wrong mail.
    """
    if post.place and post.place.name:
        yield post.place.name.partition(",")[0].strip()
    there = _THERE.get(reading.language, _THERE["en"])
    for match in re.finditer(rf"(?<!\w)(?:{there}){_WORDS_AFTER}", reading.text[:LONGEST], re.IGNORECASE):
        words = match[1].split()
        for end in range(1, len(words) + 1):
            last, after = words[end - 1], words[end] if end < len(words) else ""
            goes_on = after[:1].isupper() and len(after) > 1 and not last.endswith(".")
            if words[0][0].isupper() and not goes_on:
                yield " ".join(words[:end]).rstrip(".")


@lru_cache(maxsize=1024)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(folded, names))


def _postal_match(branch: Branch, plain: str) -> str | None:
    codes: list[str] = _POSTCODE.findall(plain)
    for pattern in branch.postal_codes:
        shape = re.compile(re.escape(folded(pattern)).replace(r"\*", r"[\w ]*"))
        for code in codes:
            if shape.fullmatch(code.split("-")[-1]):
                return code
    return None


def _best(branches: list[Branch], reading: Reading, playbook: Playbook) -> Branch | None:
    """The one for the product, then for the language; postal codes of two countries are told apart by language."""
    tests: tuple[Callable[[Branch], bool], ...] = (
        lambda b: any(p in b.products for p in reading.products),
        lambda b: not b.products or not reading.products,
        lambda b: reading.language in b.languages,
    )
    handling = [
        b for b in branches if not b.products or not reading.products or any(p in b.products for p in reading.products)
    ]
    return min(handling, key=lambda b: tuple(not test(b) for test in tests[::-1]), default=None)


def _region(post: Post, reading: Reading, playbook: Playbook) -> Region | None:
    """The region whose name is in the post or whose branches serve the place; the language alone is no evidence."""
    for region in playbook.regions:
        if found((*region.places, region.name), reading.where):
            return region
    here = [b for b in playbook.branches if found(b.places, reading.where) or _postal_match(b, reading.where)]
    here = here or _by_town(post, reading, playbook.branches)[0]
    return playbook.region(here[0].region) if here else None


def _distance(place: Place | None, branch: Branch) -> float | None:
    """Kilometres between a post's location and a branch; None without both positions."""
    if place is None or place.latitude is None or place.longitude is None:
        return None
    try:
        north, east = float(place.latitude), float(place.longitude)
    except ValueError:
        return None
    return kilometres(north, east, branch) if abs(north) <= 180 and abs(east) <= 180 else None


def kilometres(latitude: float, longitude: float, branch: Branch) -> float | None:
    """Kilometres over the sphere from a point in decimal degrees; None if nobody knows where the branch is."""
    if branch.latitude is None or branch.longitude is None:
        return None
    north, east, there_north, there_east = map(radians, (latitude, longitude, branch.latitude, branch.longitude))
    half = sin((there_north - north) / 2) ** 2 + cos(north) * cos(there_north) * sin((there_east - east) / 2) ** 2
    return 2 * 6371 * asin(sqrt(min(1.0, half)))


def _matter(reading: Reading) -> str:
    """What the branch must act on, by the rule that says so: never in the customer's words, for it outlives them."""
    return "a visit, repair or delivery" if reading.field else "danger" if reading.safety else "serious damage"
