"""The pages' sentences: every language of the mails has every one, with the same values in it."""

from __future__ import annotations

import re

import pytest

from firstline.outward.branchpages.sentences import sentences
from firstline.outward.mailtext.sentences import languages


def values(text: str) -> set[str]:
    return set(re.findall(r"{{ (\w+) }}", text))


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_sentence_and_each_of_its_values(language: str) -> None:
    english, there = sentences("en"), sentences(language)
    assert there.keys() == english.keys()
    assert {name: values(text) for name, text in there.items()} == {
        name: values(text) for name, text in english.items()
    }
    assert all(text.strip() == text and "{{" in text or "{" not in text for text in there.values())
