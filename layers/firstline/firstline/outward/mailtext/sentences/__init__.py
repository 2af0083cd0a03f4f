"""The mail's fixed sentences: one file per language, each with every sentence. English serves all other languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from firstline.model.base import Value

OTHERWISE = "en"


class Sentences(Value):
    """Every sentence of the mail in one language. Words in braces are filled in."""

    preview: str
    kicker: str
    headline: str
    somebody: str
    by: str
    day: str
    reach: str
    call: str
    write: str
    only_channel: str
    by_reply: str
    by_team: str
    quote_reference: str
    see_post: str
    public: str
    private: str
    words: str
    when: str
    in_language: str
    older_one: str
    older_other: str
    asked: str
    please: str
    answer_public: str
    answer_private: str
    note: str
    status: str
    status_why: str
    case: str
    footer: str


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that have a file."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in files(__name__).iterdir() if f.name.endswith(".toml")))


@cache
def sentences(language: str) -> Sentences:
    """The sentences in ``language``, which must be one of `languages`. A missing sentence fails the tests."""
    return Sentences.model_validate(tomllib.loads((files(__name__) / f"{language}.toml").read_text("utf-8")))
