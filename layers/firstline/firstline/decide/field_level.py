"""Whether a branch must act on site, and which (R35).

Why: what only a technician, a shop or a driver can solve is solved sooner by the branch next door than by a desk far
away, and a mail to the wrong branch costs a day. So a branch is named only on evidence: its store id; or a field
issue (a visit, a repair, a delivery, or damage) together with one of its places, a postal code, or the platform's
location. Several that fit: the one for the product, then the one that speaks the language, then the nearest. If the
region is clear but no branch is, the region's desk takes it.

Examples: "technician never came, I'm in Leeds" -> Leeds; "store MAN02 refused my return" -> MAN02; "repair visit
missed, somewhere in Wales" -> the region's desk; "Love the shop in Leeds!" -> none; "nobody came" -> none yet: ask where.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from firstline.model.post import Place, Post
from firstline.playbook import Branch, Playbook, Region

from .reading import Reading
from .words import folded, found

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


class FieldIssue(NamedTuple):
    """The branch that must act and the evidence."""

    branch: str
    reason: str


def assess(post: Post, reading: Reading, playbook: Playbook) -> FieldIssue | None:
    """The branch that must act, or None."""
    branches = playbook.branches
    if not branches:
        return None
    stores = [b for b in branches if found(b.store_ids, reading.plain)]
    trouble = bool(reading.field or reading.severe or reading.safety)
    if stores and (trouble or reading.annoying or reading.negative):
        return FieldIssue(stores[0].id, f"names store {found(stores[0].store_ids, reading.plain)[0].upper()}")
    if not reading.field and not (reading.severe or reading.safety):
        return None
    for evidence in (_by_place, _by_postal_code, _by_location):
        fitting, why = evidence(post, reading, branches)
        best = _best(fitting, reading, playbook)
        if best is not None:
            return FieldIssue(best.id, f"{_matter(reading)}; {why[best.id]}")
    region = _region(post, reading, playbook)
    if region is not None:
        return FieldIssue(region.desk, f"{_matter(reading)} in {region.name}, no single branch: the region's desk")
    return None


def names_a_place(post: Post, reading: Reading, playbook: Playbook) -> bool:
    """Whether it already says where: then the place is not asked."""
    return bool(
        post.place
        or any(found((*b.places, *b.store_ids), reading.where) for b in playbook.branches)
        or any(_postal_match(b, reading.where) for b in playbook.branches)
    )


Evidence = tuple[list[Branch], dict[str, str]]


def _by_place(post: Post, reading: Reading, branches: tuple[Branch, ...]) -> Evidence:
    named = {b.id: max(hits, key=len) for b in branches if (hits := found(b.places, reading.where))}
    # "West Didsbury" beats "Bury": the longest name that was found tells the most.
    longest = max((len(name) for name in named.values()), default=0)
    return (
        [b for b in branches if len(named.get(b.id, "")) == longest and longest],
        {id: f"names {name.title()}" for id, name in named.items()},
    )


def _by_postal_code(post: Post, reading: Reading, branches: tuple[Branch, ...]) -> Evidence:
    codes = {b.id: code for b in branches if (code := _postal_match(b, reading.where))}
    return [b for b in branches if b.id in codes], {id: f"postal code {code.upper()}" for id, code in codes.items()}


def _by_location(post: Post, reading: Reading, branches: tuple[Branch, ...]) -> Evidence:
    measured = [(km, b) for b in branches if (km := _distance(post.place, b)) is not None and km <= NEAR_KM]
    if not measured:
        return [], {}
    nearest, branch = min(measured, key=lambda m: m[0])
    return [branch], {branch.id: f"{nearest:.0f} km from where it was written"}


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
    return playbook.region(here[0].region) if here else None


def _distance(place: Place | None, branch: Branch) -> float | None:
    """Kilometres over the sphere; None without both positions."""
    if place is None or None in (place.latitude, place.longitude, branch.latitude, branch.longitude):
        return None
    try:
        values = [
            float(v) for v in (place.latitude, place.longitude, branch.latitude, branch.longitude) if v is not None
        ]
    except ValueError:
        return None
    if not all(abs(v) <= 180 for v in values):
        return None
    north, east, there_north, there_east = map(radians, values)
    half = sin((there_north - north) / 2) ** 2 + cos(north) * cos(there_north) * sin((there_east - east) / 2) ** 2
    return 2 * 6371 * asin(sqrt(min(1.0, half)))


def _matter(reading: Reading) -> str:
    hits = reading.field or reading.safety or reading.severe
    return f"“{hits[0]}”"
