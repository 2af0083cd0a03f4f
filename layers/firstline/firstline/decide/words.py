"""Words of the playbook in a text: without case and accents, at word borders, all lists in one pass.

Examples: ``brenn*`` finds "Brennt"; ``on fire`` finds "ON  fire"; ``make * a week`` finds "make $900 a week";
``smell* ~ gas`` finds the two within a few words of each other in any order ("the gas smells", "smell of burning
gas"); ``spülmaschine`` finds "Spuelmaschine", ``doesn't`` "doesnt"; ``f**k`` is itself; emoji and words of scripts
without spaces are found anywhere.

Why tokens and not one regular expression per list: a playbook has thousands of entries in thirty languages, and a post
is decided about in a millisecond; a dictionary of first words does not grow slower with the lists.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

LONGEST = 20_000
"""Characters of a text that are looked at: a bound on the time that a hostile post can take."""
WORDS_BETWEEN = 5
"""As many words may stand between the two sides of ``~``."""
_ONE_ANY = 3
"""Tokens that a ``*`` by itself stands for at most: "$ 900" is two."""
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "…": "..."}
    | {"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
"""What changes a text without being seen in it: zero-width characters, direction marks, variation selectors."""
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
# Marks of Indian scripts belong to their word, though Python's \w does not think so.
_TOKEN = re.compile(r"[\w\u0900-\u0963\u0966-\u0dff]+|\S")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

Tag = TypeVar("Tag", bound=Hashable)


def folded(text: str) -> str:
    """The text as it is compared: no case, no accents, plain apostrophes ("ÉCRAN" and "écran" are one)."""
    text = text[:LONGEST].translate(_PLAIN)
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", _UNSEEN.sub("", text))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()[:LONGEST]


class Token(NamedTuple):
    """A word, or a single character that belongs to none, and where it stands."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=16)
def _tokens(plain: str) -> tuple[Token, ...]:
    return tuple(Token(match.group(), *match.span()) for match in _TOKEN.finditer(plain))


class _Piece(NamedTuple):
    """What one token must be: itself, or with any letters ``before`` or ``after``; any tokens if ``text`` is empty."""

    text: str
    before: bool = False
    after: bool = False

    def fits(self, token: str) -> bool:
        if self.before:
            return self.text in token if self.after else token.endswith(self.text)
        return token.startswith(self.text) if self.after else token == self.text


class _Entry(NamedTuple, Generic[Tag]):
    """A sequence of pieces, near another one if there is a ``~``."""

    pieces: tuple[_Piece, ...]
    near: tuple[_Piece, ...]
    tag: Tag


class Match(NamedTuple, Generic[Tag]):
    """A passage of a folded text that an entry of a tag's list matches."""

    tag: Tag
    passage: str
    start: int
    end: int


class Finder(Generic[Tag]):
    """All entries of many lists, looked for together. An entry comes with the ``tag`` of its list."""

    def __init__(self, entries: Iterable[tuple[str, Tag]]) -> None:
        self._exact: dict[str, list[_Entry[Tag]]] = {}
        self._prefixed: dict[str, list[_Entry[Tag]]] = {}
        self._inside: dict[str, list[_Entry[Tag]]] = {}
        self._spaceless: dict[str, list[Tag]] = {}
        for entry, tag in dict.fromkeys(entries):
            for variant in {*_variants(entry)}:
                self._add(variant, tag)
        self._lengths = sorted({len(prefix) for prefix in self._prefixed})

    def _add(self, entry: str, tag: Tag) -> None:
        plain = folded(entry)
        if _SPACELESS.search(plain):
            self._spaceless.setdefault(plain.strip("* "), []).append(tag)
            return
        left, _, right = plain.partition("~")
        pieces, near = _pieces(left.lstrip("* ")) if left.startswith("* ") else _pieces(left), _pieces(right)
        if not pieces:
            return
        first = pieces[0]
        kept = self._inside if first.before else self._prefixed if first.after else self._exact
        kept.setdefault(first.text, []).append(_Entry(pieces, near, tag))

    def matches(self, plain: str) -> list[Match[Tag]]:
        """Every match in a `folded` text, in the order of their places."""
        tokens = _tokens(plain)
        found = [
            Match(tag, text, at, at + len(text))
            for text, tags in self._spaceless.items()
            for at in _places(text, plain)
            for tag in tags
        ]
        inside = [entry for text, entries in self._inside.items() if text in plain for entry in entries]
        for at, token in enumerate(tokens):
            for entry in (*self._beginning_with(token.text), *inside):
                span = _span(entry, tokens, at)
                if span is not None:
                    start, end = tokens[span[0]].start, tokens[span[1] - 1].end
                    found.append(Match(entry.tag, plain[start:end], start, end))
        return sorted(found, key=lambda match: match.start)

    def _beginning_with(self, token: str) -> Iterator[_Entry[Tag]]:
        yield from self._exact.get(token, ())
        for length in self._lengths:
            if length > len(token):
                return
            yield from self._prefixed.get(token[:length], ())


def _variants(entry: str) -> Iterator[str]:
    """The entry, and how people write it without umlauts and apostrophes: "kuehlt", "doesnt"."""
    yield entry
    yield entry.translate(_SPELT_OUT)
    yield entry.replace("'", "").replace("’", "")


def _pieces(words: str) -> tuple[_Piece, ...]:
    """One ``*`` before or after a word is a wildcard, alone it is anything; elsewhere it is a star ("f**k")."""
    pieces: list[_Piece] = []
    for word in words.split():
        if word == "*":
            pieces.append(_Piece("", before=True, after=True))
            continue
        before = word.startswith("*") and not word.startswith("**")
        after = word.endswith("*") and not word.endswith("**")
        body = word.removeprefix("*") if before else word
        texts = _TOKEN.findall(body.removesuffix("*") if after else body)
        last = len(texts) - 1
        pieces += [_Piece(text, before and n == 0, after and n == last) for n, text in enumerate(texts)]
    return tuple(pieces)


def _places(text: str, plain: str) -> Iterator[int]:
    at = plain.find(text)
    while at >= 0:
        yield at
        at = plain.find(text, at + len(text))


def _end(pieces: tuple[_Piece, ...], tokens: tuple[Token, ...], at: int) -> int | None:
    """Behind which token a sequence that begins at one ends; None if it does not fit."""
    for n, piece in enumerate(pieces):
        if not piece.text:
            longest = min(at + _ONE_ANY, len(tokens))
            ends = (_end(pieces[n + 1 :], tokens, behind) for behind in range(at + 1, longest + 1))
            return next((end for end in ends if end is not None), None)
        if at >= len(tokens) or not piece.fits(tokens[at].text):
            return None
        at += 1
    return at


def _span(entry: _Entry[Tag], tokens: tuple[Token, ...], at: int) -> tuple[int, int] | None:
    """The first and one past the last token of an entry that begins (or whose left side begins) at a token."""
    end = _end(entry.pieces, tokens, at)
    if end is None or not entry.near:
        return None if end is None else (at, end)
    reach = 2 * WORDS_BETWEEN
    for start in (*range(end, min(end + reach, len(tokens))), *range(max(0, at - reach), at)):
        other = _end(entry.near, tokens, start)
        if other is None or start < at < other:
            continue
        between = tokens[end:start] if start >= end else tokens[other:at]
        if sum(token.text[0].isalnum() for token in between) <= WORDS_BETWEEN:
            return min(at, start), max(end, other)
    return None


def passages(matches: Iterable[Match[Tag]]) -> tuple[str, ...]:
    """The distinct passages of matches in order; of those that overlap the longest."""
    kept: list[Match[Tag]] = []
    for match in sorted(matches, key=lambda one: (one.start, -one.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return tuple(dict.fromkeys(match.passage for match in kept))


@lru_cache(maxsize=1024)
def _finder(entries: tuple[str, ...]) -> Finder[None]:
    return Finder((entry, None) for entry in entries)


def found(entries: Iterable[str], text: str) -> tuple[str, ...]:
    """The distinct passages of a `folded` text that entries match, in order."""
    return passages(_finder(tuple(entries)).matches(text))


def of_languages(words: Mapping[str, Iterable[str]], languages: Iterable[str]) -> tuple[str, ...]:
    """The entries of several languages, each once."""
    return tuple(dict.fromkeys(entry for language in languages for entry in words.get(language, ())))
