"""`firstline playbook explain` tells what the brand would do about any text, and why (R36)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner

from firstline.channels.x.length import weighted_length
from firstline.playbook import Playbook, load_yaml
from infra.ops.cli import main
from infra.ops.playbook import EXAMPLE, explained

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def lumora() -> Playbook:
    return load_yaml(EXAMPLE.read_text())


CALM: dict[str, Any] = {"situation": "first", "lane": "standard", "branch": None, "moderation": "none", "tone": "calm"}
DANGER: dict[str, Any] = {"situation": "safety", "lane": "urgent", "moderation": "none"}
SPAM: dict[str, Any] = {"situation": "spam", "moderation": "spam", "lane": None, "answer": None, "branch": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I descale my coffee machine?", {"language": "en", **CALM}),
        ("¿Cómo se limpia la cafetera por dentro?", {"language": "es", **CALM}),
        ("Come si pulisce la macchina del caffè?", {"language": "it", **CALM}),
        ("Wie entkalke ich meine Kaffeemaschine?", {"language": "de", **CALM}),
        ("Comment détartrer ma cafetière ?", {"language": "fr", **CALM}),
        ("There is smoke coming out of my oven", {"language": "en", **DANGER}),
        ("Sale humo de mi horno, ¿qué hago?", {"language": "es", **DANGER}),
        ("Esce fumo dal mio forno, cosa faccio?", {"language": "it", **DANGER}),
        ("Mein Ofen raucht, was soll ich tun?", {"language": "de", **DANGER}),
        ("Il y a de la fumée dans mon four, que faire ?", {"language": "fr", **DANGER}),
        ("Get free followers now, crypto giveaway", SPAM),
        ("Consigue seguidores gratis ahora mismo", SPAM),
        ("Ottieni follower gratis adesso", SPAM),
        ("Jetzt gratis Follower bekommen", SPAM),
        ("Obtenez des abonnés gratuits maintenant", SPAM),
        ("The engineer never came to my house in Leeds", {"language": "en", "branch": "leeds"}),
        ("Nadie vino a reparar mi lavadora en Barcelona", {"language": "es", "branch": "barcelona"}),
        ("Il tecnico non è venuto a riparare il forno a Milano", {"language": "it", "branch": "milano"}),
        ("Der Techniker kam nicht zu mir nach Hamburg", {"language": "de", "branch": "hamburg"}),
        ("Le technicien n'est jamais venu chez moi à Lyon", {"language": "fr", "branch": "lyon"}),
        ("No engineer came to W1A 1AA, the oven is still broken", {"branch": "london"}),
        ("No engineer came to EH1 1AA, the oven is still broken", {"branch": None}),
        ("The repair visit was missed, somewhere in Scotland", {"branch": "london"}),
        ("Merci beaucoup, j'adore mon four", {"language": "fr", "situation": "praise", "lane": None}),
        ("Idioten! Meine Waschmaschine ist kaputt", {"moderation": "none", "tone": "abusive", "lane": "standard"}),
        ("You are idiots", {"moderation": "abuse", "lane": None}),
        ("My oven is broken, ring me on 07911 123456", {"situation": "personal_data", "personal_data": ("phone",)}),
    ],
)
def test_explain_tells_what_the_brand_would_do(lumora: Playbook, text: str, expected: dict[str, Any]) -> None:
    told = explained(text, lumora, "x", private=False, now=TUESDAY)
    assert {name: told[name] for name in expected} == expected
    assert told["answer"] is None or 0 < weighted_length(told["answer"]) <= 280


def test_a_branch_is_named_in_the_answer_that_the_customer_reads_in_the_end(lumora: Playbook) -> None:
    told = explained("The engineer never came, I am in Leeds", lumora, "x", private=False, now=TUESDAY)
    assert told["situation"] == "handed_to_branch" and "Lumora Leeds" in told["answer"]


def test_an_author_without_wordings_is_answered_in_english_and_told_why(lumora: Playbook) -> None:
    told = explained("Mijn oven is kapot en niemand komt", lumora, "x", private=False, now=TUESDAY)
    assert told["language"] == "nl" and lumora.explanations["nl"] in told["answer"]
    assert weighted_length(told["answer"]) <= 280


def test_what_is_private_is_answered_as_talk(lumora: Playbook) -> None:
    public = explained("My oven is broken", lumora, "facebook", private=False, now=TUESDAY)
    private = explained("My oven is broken", lumora, "messenger", private=True, now=TUESDAY)
    assert (public["situation"], private["situation"]) == ("first", "chat_first")


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["playbook", *words])


def test_the_command_prints_json_for_programs() -> None:
    told = json.loads(run("explain", "My oven is smoking", "--json").output)
    assert told["situation"] == "safety" and told["lane"] == "urgent"
    assert {rule["rule"] for rule in told["rules"]} >= {"language", "safety", "situation", "lane"}
    needed = "language situation priority priority_reasons lane branch moderation tone personal_data answer rules law"
    assert set(needed.split()) <= set(told)


def test_the_command_prints_lines_for_people() -> None:
    shown = run("explain", "My oven is smoking", "--channel", "messenger")
    assert shown.exit_code == 0 and "situation: safety" in shown.output and "  lane: " in shown.output


def test_the_law_that_applied_is_named_with_what_it_says_its_source_and_date() -> None:
    told = json.loads(run("explain", "My oven is broken", "--implicit", "--json").output)
    (clause,) = told["law"]
    assert clause["name"] == "x_summoned" and clause["forbids"] and told["answer"] is None
    assert clause["says"].startswith("A self-serve app") and "23 Feb 2026" in clause["source"] and clause["date"]
    shown = run("explain", "My oven is broken", "--implicit").output
    assert "x_summoned: A self-serve app" in shown and "forbids a robot's answer" in shown and "2026-08" in shown


@pytest.mark.parametrize(
    ("words", "clause"),
    [
        (("--implicit", "--plan", "enterprise"), None),
        (("--overheard", "--plan", "enterprise"), "x_unaddressed"),
        (("--private", "--kind", "encrypted"), "x_encrypted"),
        (("--channel", "messenger", "--kind", "standby"), "thread_owner"),
        (("--channel", "facebook", "--kind", "mention"), None),
    ],
)
def test_the_clause_that_forbids_an_answer_is_marked(words: tuple[str, ...], clause: str | None) -> None:
    told = json.loads(run("explain", "My oven is broken", "--json", *words).output)
    assert [each["name"] for each in told["law"] if each["forbids"]] == ([clause] if clause else [])
    assert told["law"] and (told["answer"] is None) == (clause is not None)


def test_check_says_that_the_example_is_fine() -> None:
    checked = run("check", str(EXAMPLE))
    assert checked.exit_code == 0 and "is fine" in checked.output


def test_check_fails_with_file_line_and_column(tmp_path: Any) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("version: 1\n")
    checked = run("check", str(file))
    assert checked.exit_code == 1 and f"{file}: line 1, column 10: version: " in checked.output
