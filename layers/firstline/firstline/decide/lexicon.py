"""The playbook's word lists, put together once and then looked up in a post all at once.

A list has a meaning ("safety", "praise", "product:ovens") and a language. Which languages count is the reader's matter:
this says only what stands where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from firstline.playbook import Playbook
from firstline.playbook.sensitive import BURNING_NOW, NOT_NOW, SENSITIVE

from .words import Finder, Match, passages

Tag = tuple[str, str]
"""Meaning and language of a list."""
PRODUCT = "product:"
_TELLING = 5
"""Bytes of an insult that tells its language; shorter ones stand inside ordinary words of others ("gotcha")."""
_TELL_NO_LANGUAGE = frozenset({"harmless", "sarcasm", "contrast", "spam_hints", "abuse", "sensitive", "not_now"})
"""Lists of words that are too short, or too international, to tell one language from the next."""


class Hits:
    """What a post says, by meaning and language."""

    def __init__(self, matches: Iterable[Match[Tag]]) -> None:
        self._matches = tuple(matches)

    def of(self, meaning: str, languages: Collection[str] | None = None) -> tuple[str, ...]:
        """The distinct passages with a meaning, in order; of some languages only, or of all."""
        return passages(self._of(meaning, languages))

    def outside(self, meaning: str, other: str) -> tuple[str, ...]:
        """The passages with a meaning that have no part in one with the other meaning; of all languages."""
        apart = [match for match in self._matches if match.tag[0] == other]
        return passages(
            match
            for match in self._of(meaning, None)
            if not any(match.start < one.end and one.start < match.end for one in apart)
        )

    def products(self, languages: Collection[str]) -> tuple[str, ...]:
        """The ids of the product groups that are named, in order."""
        named = (m.tag[0] for m in self._matches if m.tag[0].startswith(PRODUCT) and m.tag[1] in languages)
        return tuple(dict.fromkeys(name.removeprefix(PRODUCT) for name in named))

    def languages(self) -> Mapping[str, int]:
        """In how many places which language's words stand."""
        places = {
            (match.tag[1], match.start)
            for match in self._matches
            if match.tag[0] not in _TELL_NO_LANGUAGE and match.passage[0].isalpha()
        }
        return Counter(language for language, _ in places)

    def _of(self, meaning: str, languages: Collection[str] | None) -> list[Match[Tag]]:
        return [
            match
            for match in self._matches
            if match.tag[0] == meaning and (languages is None or match.tag[1] in languages)
        ]


class Lexicon:
    """All word lists of a playbook; ``languages`` are those that have words of trouble, so that a post is understood."""

    def __init__(self, playbook: Playbook) -> None:
        self.languages = frozenset({*playbook.rules.severity, *playbook.rules.negative})
        self._finder: Finder[Tag] = Finder(_entries(playbook))
        introductions = playbook.rules.field.introductions
        self._introductions = Finder((entry, None) for words in introductions.values() for entry in words)

    def look_up(self, plain: str) -> Hits:
        """What a `folded` text says."""
        return Hits(self._finder.matches(plain))

    def names_behind(self, plain: str) -> tuple[int, ...]:
        """Where people's names begin in a `folded` text: behind what introduces them."""
        return tuple(match.end for match in self._introductions.matches(plain))


def _entries(playbook: Playbook) -> Iterator[tuple[str, Tag]]:
    rules = playbook.rules
    lists = {
        "safety": rules.safety,
        "harmless": rules.harmless,
        "negative": rules.negative,
        "praise": rules.praise,
        "sarcasm": rules.sarcasm,
        "contrast": rules.contrast,
        "requests": rules.requests,
        "topics": rules.topics,
        "since": rules.since,
        "helped": rules.helped,
        "not_helped": rules.not_helped,
        "field": rules.field.words,
        "abuse": rules.abuse.words,
        "spam_phrases": rules.spam.phrases,
        "spam_hints": rules.spam.hints,
        "sensitive": SENSITIVE,
        "burning_now": BURNING_NOW,
        "not_now": NOT_NOW,
        **{PRODUCT + product.id: product.words for product in rules.products},
    }
    for meaning, words in lists.items():
        for language, entries in words.items():
            yield from ((entry, (meaning, language)) for entry in entries)
    for language, entries in rules.abuse.words.items():
        yield from ((entry, ("insult", language)) for entry in entries if len(entry.strip("* ").encode()) >= _TELLING)
    for language, weights in rules.severity.items():
        yield from ((word, ("severe" if weight == 2 else "annoying", language)) for word, weight in weights.items())


_MADE: list[tuple[Playbook, Lexicon]] = []
_AS_MANY = 4


def lexicon_of(playbook: Playbook) -> Lexicon:
    """The playbook's lexicon: made once for each of the few playbooks that are in use."""
    for known, lexicon in _MADE:
        if known is playbook:
            return lexicon
    made = Lexicon(playbook)
    _MADE[:] = [(playbook, made), *_MADE[: _AS_MANY - 1]]
    return made
