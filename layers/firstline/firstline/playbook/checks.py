"""What a playbook's parts must have in common: names that are referred to exist, languages are complete, wordings keep
to their placeholders and to the voice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .model import FEWEST_WORDINGS, PLACEHOLDERS, SITUATIONS, Playbook

Problem = tuple[tuple[Any, ...], str, str]


def problems(playbook: Playbook) -> list[Problem]:
    """``(path, what is wrong, what to write instead)`` of everything that does not fit together."""
    return [*_places(playbook), *_wordings(playbook)]


def _places(playbook: Playbook) -> Iterator[Problem]:
    for number, branch in enumerate(playbook.branches):
        if playbook.region(branch.region) is None:
            known = ", ".join(region.id for region in playbook.regions)
            yield ("branches", number, "region"), f"no region is named {branch.region!r}", f"one of {known}"
    for number, region in enumerate(playbook.regions):
        if playbook.branch(region.desk) is None:
            yield ("regions", number, "desk"), f"no branch is named {region.desk!r}", "the id of a branch"


def _wordings(playbook: Playbook) -> Iterator[Problem]:
    forbidden = [phrase.casefold() for each in playbook.rules.voice.forbidden.values() for phrase in each]
    for situation in SITUATIONS:
        if situation not in playbook.wordings:
            yield ("wordings",), f"no wordings for {situation}", f"add {situation}: with texts in every language"
    for situation, languages in playbook.wordings.items():
        if situation not in SITUATIONS:
            yield ("wordings", situation), "no such situation", f"one of {', '.join(SITUATIONS)}"
            continue
        for language in playbook.languages:
            path = ("wordings", situation, language)
            texts = languages.get(language, ())
            if len(texts) < FEWEST_WORDINGS:
                yield path, f"{len(texts)} texts", f"at least {FEWEST_WORDINGS}, so that nobody reads the same twice"
            for number, text in enumerate(texts):
                unknown = set(re.findall(r"\{([^}]*)\}", text)) - PLACEHOLDERS
                if unknown:
                    known = ", ".join(sorted(PLACEHOLDERS))
                    yield (*path, number), f"unknown placeholder {', '.join(sorted(unknown))}", f"one of {known}"
                said = [phrase for phrase in forbidden if phrase in text.casefold()]
                if said:
                    yield (*path, number), f"says “{said[0]}”, which voice.forbidden forbids", "other words"
    for language in playbook.languages:
        if language not in playbook.asks:
            yield ("asks",), f"no questions in {language}", f"add {language}: with product, place and since"
        if language not in playbook.times:
            yield ("times",), f"no times in {language}", f"add {language}: with today, tomorrow, day and closed_*"
