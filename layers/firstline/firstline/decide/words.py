"""Words of the playbook in a text: without case and accents, at word borders.

Examples: ``brenn*`` finds "Brennt"; ``on fire`` finds "ON  fire"; ``make * a week`` finds "make $900 a week";
``smell* ~ gas`` finds the two within a few words of each other in any order ("the gas smells", "smell of burning
gas"); ``f**k`` is itself; entries without letters (emoji) are found anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

LONGEST = 20_000
"""Characters of a text that are looked at: a bound on the time that a hostile post can take."""
_NEAR = r"\W+(?:\w+\W+){0,5}?"
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "…": "..."})


def folded(text: str) -> str:
    """The text as it is compared: no case, no accents, plain apostrophes ("ÉCRAN" and "écran" are one)."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST].translate(_APOSTROPHES))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _word(word: str) -> str:
    """One ``*`` before or after a word is a wildcard, alone it is any word; elsewhere it is a star ("f**k")."""
    if word == "*":
        return r"\S+"
    before = word.startswith("*") and not word.startswith("**")
    after = word.endswith("*") and not word.endswith("**")
    body = re.escape(word.removeprefix("*") if before else word)
    return (r"\w*" if before else "") + (body.removesuffix(r"\*") + r"\w*" if after else body)


def _single(entry: str) -> str:
    body = r"\s+".join(_word(word) for word in entry.split())
    if not re.search(r"\w", entry):
        return body
    return rf"(?<!\w){body}(?!\w)"


def _pattern(entry: str) -> str:
    left, near, right = (part.strip() for part in folded(entry).partition("~"))
    if not near or not right:
        return _single(left)
    a, b = _single(left), _single(right)
    return f"{a}{_NEAR}{b}|{b}{_NEAR}{a}"


@lru_cache(maxsize=1024)
def _compiled(entries: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_pattern(entry)})" for entry in sorted(entries, key=len, reverse=True)))


def found(entries: Iterable[str], text: str) -> tuple[str, ...]:
    """The distinct passages of a `folded` text that entries match, in order."""
    listed = tuple(entries)
    if not listed:
        return ()
    return tuple(dict.fromkeys(match.group() for match in _compiled(listed).finditer(text)))


def of_languages(words: Mapping[str, Iterable[str]], languages: Iterable[str]) -> tuple[str, ...]:
    """The entries of several languages, each once."""
    return tuple(dict.fromkeys(entry for language in languages for entry in words.get(language, ())))
