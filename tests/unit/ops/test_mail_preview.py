"""`firstline mail preview`: a mail seen before anybody gets it."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from click.testing import CliRunner

from infra.ops.cli import main

KINDS = ("handoff", "update", "reminder", "escalation", "fallback", "digest")


def run(*words: str) -> str:
    result = CliRunner().invoke(main, ["mail", "preview", *words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example(kind):
    assert "{" not in run("--example", "--kind", kind)


@pytest.mark.parametrize(("language", "said"), [("de", "Bitte melden Sie sich bei Maria"), ("ar", "يُرجى التواصل مع")])
def test_the_example_is_in_the_language_that_was_asked_for(language, said):
    assert said in run("--example", "--language", language)


def test_a_mail_is_written_as_a_page_as_text_or_whole(tmp_path):
    for name, begins in (("mail.html", "<!DOCTYPE html>"), ("mail.txt", "Please contact"), ("mail.eml", "From: ")):
        run("--example", "--out", str(tmp_path / name))
        assert (tmp_path / name).read_text().lstrip().startswith(begins)
    whole = message_from_bytes((tmp_path / "mail.eml").read_bytes(), policy=default)
    assert whole["Subject"].strip().startswith("Maria Hughes: Two days at home")


def test_a_playbooks_own_words_are_shown(tmp_path):
    from infra.ops.playbook import EXAMPLE

    file = tmp_path / "playbook.yaml"
    file.write_text(
        f'{EXAMPLE.read_text()}\nmail:\n  handoff:\n    en:\n      headline: "Ring {{{{ customer }}}} now"\n'
    )
    assert "Ring Maria Hughes now" in run("--example", "--language", "en", "--file", str(file))


@pytest.mark.parametrize("words", [(), ("FL-7K3M-9QX2/leeds", "--example"), ("--example", "--out", "mail.pdf")])
def test_what_cannot_be_shown_is_said(words):
    assert CliRunner().invoke(main, ["mail", "preview", *words]).exit_code == 2
