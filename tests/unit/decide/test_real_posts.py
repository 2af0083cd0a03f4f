"""Posts like those that people write to brands, which a robot answered wrongly: what must not happen again.

The words are our own; each stands for its kind. What is right for all of them is decided by people who read them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firstline.decide import personal_data
from firstline.model.decision import Decision
from firstline.model.post import Media
from firstline.playbook import Playbook, load_yaml
from infra.ops.playbook import EXAMPLE

from .test_precedence import TUESDAY, decided

SATURDAY_EVENING = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def lumora() -> Playbook:
    return load_yaml(EXAMPLE.read_text())


def at_night(playbook: Playbook, text: str, **more: Any) -> Decision:
    return decided(playbook, text, at=SATURDAY_EVENING, **more)


@pytest.mark.parametrize(
    "text",
    ["I'll DM you", "just DM'd", "gotcha!", "pick one", "your phone system is a fucking joke",
     "that driver who cut me up is a moron", "that bloke in the queue behind me was an idiot, not your staff"],
)  # fmt: skip
def test_ordinary_words_and_insults_of_others_are_no_abuse(lumora: Playbook, text: str) -> None:
    decision = decided(lumora, text)
    assert decision.moderation == "none" and decision.situation != "house_rules"
    assert decision.answer_language == "en"


def test_an_insult_below_a_quoted_slogan_is_a_matter_for_a_person(lumora: Playbook) -> None:
    decision = decided(lumora, "I hate you all", post={"quoted_text": "We love our customers", "quoted_id": "9"})
    assert decision.moderation == "none" and decision.lane is not None


@pytest.mark.parametrize("text", ["You idiots", "Ihr Idioten", "Bande d'idiots"])
def test_no_robot_says_house_rules_unless_the_playbook_turns_it_on(lumora: Playbook, text: str) -> None:
    assert decided(lumora, text).answer is None


@pytest.mark.parametrize(
    "text",
    ["great job losing one of my cases", "good work breaking it again", "thank you for the five hours in the cold",
     "love how you keep us waiting. Brilliant.", "their desk was excellent, unlike yours",
     "thanks! now I only need to know where my parcel is", "your service used to be great",
     "gracias por las tres horas de espera", "me encanta cómo nos hacéis esperar. Genial.",
     "grazie per le due ore al freddo", "complimenti per aver perso la mia valigia",
     "danke für die drei Stunden in der Kälte", "toll, wie ihr uns warten lasst. Super.",
     "merci pour les trois heures dans le froid", "j'adore la façon dont vous nous faites attendre. Bravo."],
)  # fmt: skip
def test_bitter_foreign_and_wished_praise_is_not_thanked(lumora: Playbook, text: str) -> None:
    decision = decided(lumora, text)
    assert decision.situation != "praise" and decision.lane is not None


@pytest.mark.parametrize("text", ["Love my new oven, thank you!", "Anna at your desk was wonderful, great service"])
def test_plain_praise_is_still_thanked(lumora: Playbook, text: str) -> None:
    assert decided(lumora, text).situation == "praise"


@pytest.mark.parametrize(
    "text",
    ["I had to drive 10 hours home", "boarding in 30 minutes", "I rang the 800 number twice", "waited 3 days in close contact",
     "my ticket number is 0162345678901", "I wrote to help@lumora.example", "a 30 minutes drive for nothing",
     "10 close friends have the same problem", "on lane 4 of 12", "die Fahrt dauerte 10 Stunden", "5 minutes via the app"],
)  # fmt: skip
def test_what_is_nobodys_secret_is_not_taken_for_personal_data(lumora: Playbook, text: str) -> None:
    assert personal_data.kinds(text, lumora) == ()
    assert decided(lumora, text).situation != "personal_data"


@pytest.mark.parametrize(
    "text", ["I live at 12 Mill Lane", "12 mill lane, please come", "Calle Mayor, 3", "Hauptstraße 12", "12 rue de Lyon",
             "45 Riverside Drive", "via Roma 5"],
)  # fmt: skip
def test_addresses_are_still_found(lumora: Playbook, text: str) -> None:
    assert personal_data.kinds(text, lumora) == ("address",)


@pytest.mark.parametrize(
    "text",
    ["I have waited 24 hours for an answer", "you owe me $300 for the repair", "nobody answers, dm me to fix this",
     "dm me to fix this", "you took €50 too much, dm me", "escríbeme por privado, nadie me contesta",
     "niemand antwortet, schreibt mir privat"],
)  # fmt: skip
def test_a_complaint_is_not_dropped_as_spam(lumora: Playbook, text: str) -> None:
    decision = decided(lumora, text)
    assert decision.moderation == "none" and decision.lane is not None


@pytest.mark.parametrize(
    "text",
    ["fire your manager", "I bought a Kindle Fire", "I am in danger of missing my train",
     "it is burning hot in here... not on fire, just no air", "shocked by the price", "he should be fired",
     "feuert euren Chef", "le feu vert se fait attendre", "peligro de perder el tren, en peligro de perder mi vuelo"],
)  # fmt: skip
def test_figures_of_speech_are_no_danger(lumora: Playbook, text: str) -> None:
    assert decided(lumora, text).situation != "safety"


@pytest.mark.parametrize("text", ["something is overheating", "the plug is burning", "smoke comes out of it"])
def test_danger_is_still_danger(lumora: Playbook, text: str) -> None:
    decision = decided(lumora, text)
    assert (decision.situation, decision.lane) == ("safety", "urgent")


@pytest.mark.parametrize(
    "text", ["Thanks.", "ok", "sent!", "will do", "👍", "@LumoraCare done 🙏", "gracias!", "grazie mille", "danke", "merci !",
             "tack", "спасибо", "ありがとうございます"],
)  # fmt: skip
def test_small_talk_gets_no_promise_and_no_question(lumora: Playbook, text: str) -> None:
    decision = decided(lumora, text, earlier_posts=1)
    assert (decision.situation, decision.silence, decision.answer, decision.lane) == ("talk", "talk", None, None)


def test_small_talk_is_the_whole_message(lumora: Playbook) -> None:
    for text in ("thanks, but it still leaks", "ok?", "thanks for nothing", "done waiting for you"):
        assert decided(lumora, text).situation != "talk"
    assert decided(lumora, "done", post={"media": (Media(kind="photo"),)}).situation != "talk"


def test_an_answer_that_a_person_waits_for_comes_to_a_person(lumora: Playbook) -> None:
    decision = decided(lumora, "sent!", earlier_posts=2, awaited=True)
    assert decision.answer is None and decision.lane == "standard"


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "help, my oven is on fire right now", "112"),
        ("de", "Hilfe, der Trockner brennt gerade", "112"),
        ("fr", "au secours, mon four est en feu", "112"),
        ("es", "ayuda, el horno está ardiendo", "112"),
        ("it", "aiuto, il forno sta bruciando", "112"),
    ],
)
def test_present_fire_hears_the_emergency_number_at_any_hour(
    lumora: Playbook, language: str, text: str, number: str
) -> None:
    for post in range(6):
        decision = at_night(lumora, text, post={"post_id": str(post)})
        answer = decision.answer or ""
        assert (decision.situation, decision.lane, decision.severity) == ("safety", "urgent", 3)
        assert number in answer and "FL-2222-3333" in answer and len(answer) <= 280
        assert not any(word in answer.lower() for word in ("unplug", "switch", "stecker", "monday", "montag", "lundi"))


@pytest.mark.parametrize(
    "text", ["my oven was on fire last week", "nothing is on fire, it isn't on fire", "your team is on fire"]
)
def test_past_fire_is_not_told_to_call_the_fire_brigade(lumora: Playbook, text: str) -> None:
    assert "112" not in (at_night(lumora, text).answer or "")


@pytest.mark.parametrize(
    "text",
    ["I want to end it all", "your driver groped my daughter", "RIP to the family who died in the dryer fire",
     "your cashier is a racist", "quiero morirme", "il vostro tecnico ha palpeggiato mia figlia",
     "Ihr Fahrer hat meine Tochter begrapscht", "votre livreur a touché ma fille"],
)  # fmt: skip
def test_what_is_sensitive_is_a_persons_at_any_hour_and_no_robots(lumora: Playbook, text: str) -> None:
    decision = at_night(lumora, text)
    assert (decision.situation, decision.silence, decision.answer) == ("sensitive", "sensitive", None)
    assert decision.private_answer is None and (decision.lane, decision.severity) == ("urgent", 3)


@pytest.mark.parametrize(
    "text", ["my phone battery died", "mon frigo est mort", "è morta la lavatrice", "la lavadora ha muerto",
             "der Motor ist gestorben", "this is killing me, third repair"],
)  # fmt: skip
def test_dead_machines_are_not_mourned(lumora: Playbook, text: str) -> None:
    assert decided(lumora, text).situation != "sensitive"


def test_present_fire_waits_neither_for_a_person_nor_for_a_mail(lumora: Playbook) -> None:
    burning = decided(lumora, "my oven in Leeds is on fire right now, no engineer came", handoff="waiting")
    assert burning.branch == "leeds" and not burning.wait_for_handoff and burning.not_before <= TUESDAY
    past = decided(lumora, "smoke from my oven in Leeds, no engineer came", handoff="waiting")
    assert past.wait_for_handoff and past.not_before > TUESDAY
