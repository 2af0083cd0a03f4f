"""Who says stop, in whatever language, is not answered by a robot again until they say otherwise (R25a)."""

from __future__ import annotations

from typing import Any

import pytest

from firstline.decide import opt_out
from firstline.playbook import load_yaml, wishes
from firstline.playbook.checks import problems
from infra.ops.playbook import EXAMPLE
from tests.builders import a_playbook

BARE = a_playbook(rules={**a_playbook().rules.model_dump(), "opt_out": {}, "opt_in": {}})
ONE_WORD = {
    "en": "STOP",
    "es": "¡Basta!",
    "it": "basta",
    "de": "Abmelden.",
    "fr": "Arrêtez",
    "pt": "parem",
    "nl": "afmelden",
    "pl": "dość",
    "sv": "sluta",
    "da": "afmeld",
    "nb": "slutt",
    "fi": "lopeta",
    "cs": "přestaňte",
    "hu": "elég",
    "ro": "opriți",
    "bg": "спрете",
    "el": "σταματήστε",
    "tr": "yeter",
    "uk": "досить",
    "ru": "хватит",
    "ar": "توقف",
    "he": "הפסיקו",
    "hi": "बंद करें",
    "ja": "やめてください",
    "ko": "그만하세요",
    "zh": "退订",
    "vi": "dừng lại",
    "id": "berhenti",
    "th": "หยุด",
}


@pytest.mark.parametrize("language", ONE_WORD)
def test_stop_is_understood_in_every_language_though_the_playbook_has_no_word_for_it(language: str) -> None:
    assert opt_out.asked_for(f"@AcmeCare {ONE_WORD[language]}", BARE)


def test_every_language_that_the_example_speaks_or_explains_has_words_for_it() -> None:
    example = load_yaml(EXAMPLE.read_text())
    spoken = {*example.languages, *example.explanations}
    assert len(spoken) > 20 and spoken <= set(wishes.OPT_OUT) and spoken <= set(wishes.OPT_IN)


def test_a_language_without_a_word_for_stop_is_a_mistake_of_the_playbook() -> None:
    unheard = a_playbook(explanations={"sw": "Tunajibu kwa Kiingereza."})
    assert [where for where, what, _ in problems(unheard) if "silent" in what] == [("rules", "opt_out")]
    mended: dict[str, Any] = {**unheard.rules.model_dump(), "opt_out": {"sw": ["acha"]}}
    heard = a_playbook(explanations={"sw": "Tunajibu kwa Kiingereza."}, rules=mended)
    assert not [what for _, what, _ in problems(heard) if "silent" in what]
    assert opt_out.asked_for("Acha!", heard)


@pytest.mark.parametrize(
    "text", ["It won't stop beeping", "make it stop", "stop the oven from leaking please", "", "@x"]
)
def test_a_word_within_a_complaint_is_no_wish(text: str) -> None:
    assert not opt_out.asked_for(text, BARE)


@pytest.mark.parametrize("words", [wishes.OPT_OUT, wishes.OPT_IN])
def test_shipped_words_are_whole_messages_that_are_recognised(words: dict[str, tuple[str, ...]]) -> None:
    heard = opt_out.asked_for if words is wishes.OPT_OUT else opt_out.taken_back
    other = opt_out.taken_back if words is wishes.OPT_OUT else opt_out.asked_for
    for wish in (wish for each in words.values() for wish in each):
        assert heard(wish, BARE), wish
        assert not other(wish, BARE), wish
