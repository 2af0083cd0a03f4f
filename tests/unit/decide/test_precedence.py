"""Several situations hold at once: which one rules the answer, and what is said beside it (R24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firstline.channels import adapter
from firstline.decide import decide
from firstline.model.decision import Decision, Known
from firstline.model.post import Author, Media, Place, Post
from firstline.playbook import Playbook, load_yaml
from firstline.playbook.rules import Answer
from infra.ops.playbook import EXAMPLE

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
CARE = "1450000000000000002"


@pytest.fixture(scope="module")
def lumora() -> Playbook:
    return load_yaml(EXAMPLE.read_text())


def decided(playbook: Playbook, text: str, *, at: datetime = TUESDAY, post: Any = None, **known: Any) -> Decision:
    content = {
        "channel": "x",
        "account": CARE,
        "post_id": "1",
        "author": Author(id="7", name="Anna Rossi"),
        "text": text,
        "at": at,
        "thread_id": "1",
        "mentions": (CARE,),
    }
    written = Post(**{**content, **(post or {})})
    law = adapter("x").law(written, "self_serve")
    return decide(written, Known(law=law, case_ref="FL-2222-3333", **known), playbook, at)


EVERYTHING = "Smoke from the oven in Leeds, third engineer missed, card 4111 1111 1111 1111"


def test_safety_comes_first_then_personal_data_the_branch_and_the_repetition(lumora: Playbook) -> None:
    decision = decided(lumora, EVERYTHING, handoff="mailed", earlier_posts=2)
    assert decision.situations == ("safety", "personal_data", "handed_to_branch", "repeated")


def test_personal_data_come_before_the_branch(lumora: Playbook) -> None:
    text = "The engineer never came to Leeds, card 4111 1111 1111 1111"
    assert decided(lumora, text, handoff="mailed").situations == ("personal_data", "handed_to_branch", "first")


def test_the_branch_comes_before_a_known_answer_and_that_before_repeated(lumora: Playbook) -> None:
    known = lumora.model_copy(update={"answers": (Answer(id="e14", when={"en": ("e14",)}, texts={"en": "Clean it."}),)})
    text = "The engineer never came to Leeds and E14 is on"
    decision = decided(known, text, handoff="mailed", earlier_posts=1)
    assert decision.situations == ("handed_to_branch", "known_answer", "repeated")
    assert decided(known, "What is E14?", earlier_posts=1).situations == ("known_answer", "repeated")


def test_the_words_for_removing_personal_data_are_never_dropped(lumora: Playbook) -> None:
    answer = decided(lumora, EVERYTHING, handoff="mailed", earlier_posts=2).answer or ""
    sentences = [text for text in lumora.texts("also_personal_data", "en").values() if text in answer]
    assert len(sentences) == 1 and ("unplug" in answer or "switch" in answer or "plug" in answer.lower())


def test_a_branch_is_named_only_once_its_mail_was_accepted(lumora: Playbook) -> None:
    text = "The engineer never came, I am in Leeds"
    waiting, mailed = (decided(lumora, text, handoff=state) for state in ("waiting", "mailed"))
    assert waiting.branch == mailed.branch == "leeds"
    assert "Lumora Leeds" not in (waiting.answer or "") and waiting.wait_for_handoff
    assert "Lumora Leeds" in (mailed.answer or "") and mailed.situation == "handed_to_branch"


def test_out_of_hours_colours_the_time_that_is_named(lumora: Playbook) -> None:
    assert "13:00 today" in (decided(lumora, "My oven is broken").answer or "")
    assert "8:00" in (decided(lumora, "My oven is broken", at=SUNDAY_NIGHT).answer or "")


@pytest.mark.parametrize(
    ("text", "situation", "moderation"),
    [
        ("Earn $500 a day from home, telegram @rich", "spam", "spam"),
        ("You bunch of idiots", "house_rules", "abuse"),
        ("You idiots, my oven is broken", "first", "none"),
        ("You idiots, my oven is on fire", "safety", "none"),
        ("Love my new oven, thank you!", "praise", "none"),
        ("Love my new oven, it broke on day one", "first", "none"),
        ("STOP", "opt_out_confirmed", "none"),
    ],
)
def test_what_is_no_complaint_has_a_situation_of_its_own(
    lumora: Playbook, text: str, situation: str, moderation: str
) -> None:
    decision = decided(lumora, text)
    assert (decision.situation, decision.moderation) == (situation, moderation)


def test_spam_gets_no_answer_and_insults_without_a_point_follow_the_policy(lumora: Playbook) -> None:
    said = lumora.rules.model_copy(update={"abuse": lumora.rules.abuse.model_copy(update={"policy": "house_rules"})})
    spam, insult = (decided(lumora, text) for text in ("Buy followers https://x.example", "You idiots"))
    assert spam.answer is None and spam.silence == "spam"
    assert insult.answer is None and insult.silence == "house_rules" and insult.lane is None
    assert decided(lumora.model_copy(update={"rules": said}), "You idiots").answer is not None


def test_ten_posts_of_one_author_never_get_the_same_words_twice_in_a_row(lumora: Playbook) -> None:
    used: list[str] = []
    for number in range(10):
        decision = decided(lumora, "My oven is broken", earlier_posts=number, recent_wordings=tuple(used))
        used.append(decision.wording or "")
    assert len(set(used)) == 10


def test_media_without_a_word_are_answered_and_given_to_a_person(lumora: Playbook) -> None:
    decision = decided(lumora, "", post={"media": (Media(kind="photo"),)})
    assert (decision.situation, decision.lane, decision.language) == ("first", "standard", "und")
    assert decision.answer


def test_the_platforms_location_finds_the_branch(lumora: Playbook) -> None:
    at_lyon = {"place": Place(latitude="45.75", longitude="4.85")}
    assert decided(lumora, "Le technicien n'est jamais venu", post=at_lyon).branch == "lyon"
    assert decided(lumora, "Comment nettoyer mon four ?", post=at_lyon).branch is None


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x07\x1b[31m",
        "‮txet siht‬ \u200b\u200d",
        "x" * 100_000,
        "fire " * 20_000,
        "🔥" * 50_000,
        "﷽" * 20_000,
        "a ~ * ** {name} {ref} {}",
        "\ud800 lone",
        "1 2 3 4 " * 10_000,
        "@" * 10_000 + "a.b" * 10_000,
        "sm\u200boke from my ov\u200cen",
    ],
)
def test_hostile_text_is_decided_about_like_any_other(lumora: Playbook, text: str) -> None:
    decision = decided(lumora, text)
    assert decision.answer is None or len(decision.answer) <= 280


def test_words_of_danger_are_seen_through_hidden_characters(lumora: Playbook) -> None:
    assert decided(lumora, "sm\u200boke from my ov\u200cen").situation == "safety"


def test_authors_of_every_explained_language_get_the_explanation_within_the_limit(lumora: Playbook) -> None:
    measure = adapter("x").law(_post(), "self_serve").measure
    for language, sentence in lumora.explanations.items():
        for situation, text in (("first", "12345"), ("personal_data", "4111 1111 1111 1111")):
            answers = set()
            for number in range(12):
                decision = decided(lumora, text, post={"language": language, "post_id": str(number)})
                assert decision.situation == situation and sentence in (decision.answer or ""), (language, situation)
                assert measure(decision.answer or "") <= 280
                answers.add(decision.wording)
            assert len(answers) > 2, f"{language}: always the same words"


def _post() -> Post:
    return Post(channel="x", account=CARE, post_id="1", author=Author(id="7"), text="", at=TUESDAY, thread_id="1")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", EVERYTHING),
        ("es", "Sale humo del horno en Madrid, el técnico nunca vino, tarjeta 4111 1111 1111 1111"),
        ("it", "Esce fumo dal forno a Milano, il tecnico non è mai venuto, carta 4111 1111 1111 1111"),
        ("de", "Rauch aus dem Ofen in Berlin, der Techniker kam nie, Karte 4111 1111 1111 1111"),
        ("fr", "De la fumée sort du four à Lyon, le technicien n'est jamais venu, carte 4111 1111 1111 1111"),
    ],
)
def test_one_reply_on_x_says_safety_personal_data_and_the_branch_together(
    lumora: Playbook, language: str, text: str
) -> None:
    for number in range(20):
        decision = decided(lumora, text, handoff="mailed", earlier_posts=2, post={"post_id": str(number)})
        branch = lumora.branch(decision.branch or "")
        assert branch is not None and decision.situation == "safety" and decision.answer_language == language
        assert branch.name in (decision.answer or "")
        data = lumora.texts("also_personal_data", language).values()
        assert [each for each in data if each in (decision.answer or "")]


def test_danger_waits_for_the_branchs_mail_for_seconds_only_and_then_claims_nothing(lumora: Playbook) -> None:
    text = "Smoke from the oven in Leeds, no engineer came"
    waiting = decided(lumora, text, handoff="waiting")
    assert waiting.wait_for_handoff and waiting.wait_until is not None
    assert waiting.wait_until - waiting.not_before == timedelta(seconds=30)
    assert "Lumora Leeds" not in (waiting.answer or "")
    plain = decided(lumora, text, handoff="waiting", at=waiting.wait_until, post={"at": TUESDAY})
    assert not plain.wait_for_handoff and plain.answer and "Lumora Leeds" not in plain.answer


def test_a_playbook_without_the_sentence_about_the_branch_still_answers(lumora: Playbook) -> None:
    older = {each: texts for each, texts in lumora.wordings.items() if each != "also_handed_to_branch"}
    decision = decided(lumora.model_copy(update={"wordings": older}), EVERYTHING, handoff="mailed")
    assert decision.situation == "safety" and decision.answer
