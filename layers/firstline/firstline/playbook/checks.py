"""What a playbook's parts must have in common: names that are referred to exist, languages are complete, wordings keep
to their placeholders and to the voice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..model.links import LINK
from . import mail, wishes
from .model import FEWEST_UPDATES, FEWEST_WORDINGS, PLACEHOLDERS, SITUATIONS, UPDATES, Playbook
from .parts import Hours, public_holidays

Path = tuple[Any, ...]
Problem = tuple[Path, str, str]
PLATFORMS = frozenset({"x", "facebook", "messenger", "instagram", "whatsapp"})
"""Names that stand in a platform's own webhook address."""
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
ANY_YEAR = 2026
"""For asking whether a country is known."""


def problems(playbook: Playbook) -> list[Problem]:
    """``(path, what is wrong, what to write instead)`` of everything that does not fit together."""
    return [
        *_sources(playbook),
        *_places(playbook),
        *_hours(playbook),
        *_wordings(playbook),
        *_languages(playbook),
        *_texts(playbook),
        *mail.problems(playbook.mail),
    ]


def _sources(playbook: Playbook) -> Iterator[Problem]:
    """A generic source's id is its name in an address; a platform has that name already."""
    for number, account in enumerate(playbook.accounts):
        if account.channel == "generic" and not SOURCE_NAME.fullmatch(account.id):
            yield ("accounts", number, "id"), f"{account.id!r} can't be a source's name", "a name like review-site"
        if account.channel == "generic" and account.id in PLATFORMS:
            yield ("accounts", number, "id"), f"{account.id} is a platform's name", "a name like review-site"


def _places(playbook: Playbook) -> Iterator[Problem]:
    regions = ", ".join(region.id for region in playbook.regions)
    products = {group.id for group in playbook.rules.products}
    yield from _twice("branches", [branch.id for branch in playbook.branches])
    yield from _twice("regions", [region.id for region in playbook.regions])
    for number, branch in enumerate(playbook.branches):
        path = ("branches", number)
        if playbook.region(branch.region) is None:
            yield (*path, "region"), f"no region is named {branch.region!r}", f"one of {regions or 'the regions'}"
        for place, product in enumerate(branch.products):
            if product not in products:
                yield (*path, "products", place), f"no product is named {product!r}", f"one of {_listed(products)}"
    for number, region in enumerate(playbook.regions):
        desk = playbook.branch(region.desk)
        if desk is None or desk.region != region.id:
            own = _listed(branch.id for branch in playbook.branches if branch.region == region.id)
            yield ("regions", number, "desk"), f"{region.desk!r} is no branch of this region", f"one of {own}"


def _hours(playbook: Playbook) -> Iterator[Problem]:
    """Whether the countries and their parts are known whose public holidays close."""
    everybodys: list[tuple[Path, Hours]] = [(("hours",), playbook.hours)]
    everybodys += [(("branches", n, "hours"), branch.hours) for n, branch in enumerate(playbook.branches)]
    for path, hours in everybodys:
        if hours.country is None:
            continue
        for name, subdivision in (("country", None), ("subdivision", hours.subdivision)):
            try:
                public_holidays(hours.country, subdivision, ANY_YEAR)
            except ValueError as unknown:
                message, _, instead = str(unknown).partition(": write ")
                yield (*path, name), message, instead
                break


def _twice(part: str, ids: list[str]) -> Iterator[Problem]:
    seen = Counter[str]()
    for number, id in enumerate(ids):
        seen[id] += 1
        if seen[id] > 1:
            yield (part, number, "id"), f"{id!r} is there already", "a name of its own"


def _wordings(playbook: Playbook) -> Iterator[Problem]:
    for situation in SITUATIONS:
        if situation not in playbook.wordings:
            yield ("wordings",), f"no wordings for {situation}", f"{situation}: with texts in every language"
    for situation, languages in playbook.wordings.items():
        if situation not in SITUATIONS + UPDATES:
            yield ("wordings", situation), "no such situation", f"one of {', '.join(SITUATIONS + UPDATES)}"
            continue
        fewest = FEWEST_UPDATES if situation in UPDATES else FEWEST_WORDINGS
        for language in sorted({*playbook.languages, *languages}):
            different = len(set(languages.get(language, ())))
            if different < fewest:
                message = f"{different} different texts in {language}"
                yield ("wordings", situation, language), message, f"at least {fewest}, so that answers differ"


def _languages(playbook: Playbook) -> Iterator[Problem]:
    if playbook.brand.language not in playbook.wordings.get("first", {}):
        yield ("brand", "language"), "the brand's language has no wordings", "a language of wordings"
    for language in sorted({*playbook.languages, *playbook.explanations}):
        if not (wishes.OPT_OUT.get(language) or playbook.rules.opt_out.get(language)):
            message = f"nobody can ask robots in {language} to be silent"
            yield ("rules", "opt_out"), message, f"{language}: with the word for stop"
    for language in playbook.languages:
        if language not in playbook.asks:
            yield ("asks",), f"no questions in {language}", f"{language}: with product, place and since"
        if language not in playbook.times:
            yield ("times",), f"no times in {language}", f"{language}: with today, tomorrow, day and closed_*"


def _texts(playbook: Playbook) -> Iterator[Problem]:
    """Everything that a robot may say: its placeholders, and what the voice forbids (no robot speaks of money)."""
    voice = playbook.rules.voice
    phrases = [*_all(voice.forbidden.values()), *_all(voice.public_forbidden.values())]
    forbidden = [(phrase, _matcher(phrase)) for phrase in phrases]
    any_of_them = re.compile("|".join(pattern.pattern for _, pattern in forbidden) or "(?!)", re.IGNORECASE)
    links = playbook.approvals.links
    for path, text in _said(playbook):
        for unknown in sorted(set(re.findall(r"\{([^}]*)\}", text)) - PLACEHOLDERS):
            yield path, f"unknown placeholder {{{unknown}}}", f"one of {_listed(PLACEHOLDERS)}"
        for phrase, pattern in forbidden if any_of_them.search(text) else ():
            if pattern.search(text):
                yield path, f"says “{phrase}”, which rules.voice forbids", "other words"
        if not links and LINK.search(text):
            yield path, "has a link, which approvals.links does not grant", "the information itself"


def _said(playbook: Playbook) -> Iterator[tuple[Path, str]]:
    for situation, languages in playbook.wordings.items():
        for language, texts in languages.items():
            yield from ((("wordings", situation, language, n), text) for n, text in enumerate(texts))
    yield from ((("explanations", language), text) for language, text in playbook.explanations.items())
    for language, asks in playbook.asks.items():
        yield from ((("asks", language, name), text) for name, text in asks.model_dump().items())
    yield ("brand", "team"), playbook.brand.team
    yield from ((("branches", number, "name"), branch.name) for number, branch in enumerate(playbook.branches))
    for number, answer in enumerate(playbook.answers):
        yield from ((("answers", number, "texts", language), text) for language, text in answer.texts.items())


def _matcher(phrase: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in phrase.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _all(lists: Iterable[Iterable[str]]) -> Iterator[str]:
    return (each for one in lists for each in one)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none yet"
