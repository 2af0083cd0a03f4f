"""The pages' sentences: one file per language that the mails have, each with every sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def sentences(language: str) -> Mapping[str, str]:
    """The sentences in ``language``, which must be one of the mails'. Words in braces are filled in."""
    return tomllib.loads((files(__name__) / f"{language}.toml").read_text("utf-8"))
