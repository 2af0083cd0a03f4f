"""What a playbook's branches cover: places with two of them, and what none can be found for.

Nothing here is a mistake that would stop a playbook from being published: people may mean it. They should know it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .checks import Problem
from .model import Playbook
from .parts import Branch, Region


def doubts(playbook: Playbook) -> list[Problem]:
    """``(path, what is odd, what to write instead)`` of every overlap and every hole."""
    return [*_overlaps(playbook.branches), *_unreachable(playbook), *_holes(playbook)]


def _overlaps(branches: tuple[Branch, ...]) -> Iterator[Problem]:
    owners: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, branch in enumerate(branches):
        for claim in _claims(branch):
            owners[claim].append(number)
    for number, branch in enumerate(branches):
        for part, text in _claims(branch):
            for wider in _wider(part, text):
                for other in owners.get((part, wider), ()):
                    if other == number or (wider == text and other > number):
                        continue
                    if part == "store_ids" or _serve_the_same(branch, branches[other]):
                        within = "" if wider == text else f" within {wider}"
                        what = f"{text} is{within} of {branches[other].id}, too"
                        instead = "it at one of them, or branches that differ in products or languages"
                        yield ("branches", number, part), what, instead


def _claims(branch: Branch) -> Iterator[tuple[str, str]]:
    for part in ("places", "store_ids", "postal_codes"):
        yield from ((part, text) for text in sorted({each.casefold() for each in getattr(branch, part)}))


def _wider(part: str, text: str) -> Iterator[str]:
    """The text and, of a postal code, every pattern that has all its codes: m20 -> m20, m20*, m2*, m*, *."""
    yield text
    if part == "postal_codes":
        stem = text.removesuffix("*")
        yield from (f"{stem[:end]}*" for end in range(len(stem), -1, -1) if f"{stem[:end]}*" != text)


def _serve_the_same(one: Branch, other: Branch) -> bool:
    products = not one.products or not other.products or not set(one.products).isdisjoint(other.products)
    return products and not set(one.languages).isdisjoint(other.languages)


def _unreachable(playbook: Playbook) -> Iterator[Problem]:
    desks = {region.desk for region in playbook.regions}
    for number, branch in enumerate(playbook.branches):
        known_by = (branch.places, branch.store_ids, branch.postal_codes, branch.nearby)
        located = branch.latitude is not None and branch.longitude is not None
        if not any(known_by) and not located and branch.id not in desks:
            yield (
                ("branches", number),
                f"nothing leads to {branch.id}",
                "places, postal codes, store ids or coordinates",
            )


def _holes(playbook: Playbook) -> Iterator[Problem]:
    for number, region in enumerate(playbook.regions):
        own = [branch for branch in playbook.branches if branch.region == region.id]
        handled = _handled(own, (group.id for group in playbook.rules.products))
        for group in playbook.rules.products:
            if group.id not in handled:
                yield ("regions", number), f"no branch of {region.id} handles {group.id}", f"{group.id} at one of them"
        yield from _unspoken(number, region, own)


def _handled(branches: Iterable[Branch], products: Iterable[str]) -> set[str]:
    known = set(products)
    return {product for branch in branches for product in (branch.products or known)}


def _unspoken(number: int, region: Region, branches: Iterable[Branch]) -> Iterator[Problem]:
    spoken = {language for branch in branches for language in branch.languages}
    for place, language in enumerate(region.languages):
        if language not in spoken:
            what = f"no branch of {region.id} speaks {language}"
            yield ("regions", number, "languages", place), what, f"{language} at one of them"
