"""The mails' sentences: one file per language, each with every sentence. English serves all other languages.

What a playbook says in its own words comes before the file's. Sentences are text: the layout escapes them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from firstline.playbook.mail import MailTexts, TextKind, mistakes, values_of

OTHERWISE = "en"
OPEN, CLOSE = "\u2068", "\u2069"
"""First strong isolate, pop directional isolate: they stand around every value, so that none turns the words around it
(Unicode's annex 9). Cleaned text has none of its own."""


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that have a file."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in files(__name__).iterdir() if f.name.endswith(".toml")))


@cache
def sentences(language: str, kind: TextKind) -> Mapping[str, str]:
    """The sentences of a kind of mail in ``language``, which must be one of `languages`."""
    everything = tomllib.loads((files(__name__) / f"{language}.toml").read_text("utf-8"))
    general = {name: text for name, text in everything.items() if isinstance(text, str)}
    return {**general, **everything.get(kind, {})}


class Said:
    """A mail's sentences in one language, filled with its values: ``said("call", phone="...")``."""

    def __init__(self, language: str, kind: TextKind, own: MailTexts, values: Mapping[str, Any]) -> None:
        self._texts = sentences(language, kind)
        self._own = {**own.get("all", {}).get(language, {}), **own.get(kind, {}).get(language, {})}
        self._kind = kind
        self._values = values

    def __call__(self, name: str, **more: Any) -> str:
        """The sentence, each value in its isolate. A playbook's own one that is no template is not taken."""
        values = {**self._values, **more}
        own = self._own.get(name)
        if own is not None and _holds(own, values_of(self._kind, name)):
            return filled(own, values)
        return filled(self._texts[name], values)


def filled(sentence: str, values: Mapping[str, Any]) -> str:
    """A sentence with its values, each in its isolate."""
    return _template(sentence).render({key: f"{OPEN}{value}{CLOSE}" if value else "" for key, value in values.items()})


def in_markup(text: str) -> Markup:
    """A filled sentence as HTML: escaped, its values kept apart from the words around them."""
    return Markup(str(escape(text)).replace(OPEN, "<bdi>").replace(CLOSE, "</bdi>"))


def bare(text: str) -> str:
    """The text without isolates, for headers and for left-to-right plain text."""
    return text.replace(OPEN, "").replace(CLOSE, "")


@cache
def _holds(text: str, values: frozenset[str]) -> bool:
    return not any(mistakes(text, values))


@cache
def _template(text: str) -> Template:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False).from_string(text)
