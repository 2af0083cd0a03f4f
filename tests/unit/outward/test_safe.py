"""Strangers' text, in each kind of place where it is shown."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.outward import safe
from infra.ops import directory
from tests.builders import a_playbook

HOSTILE = st.text(
    alphabet=st.sampled_from("ab \t\r\n\x1b\x9b\u202e\u2066\u2028\u0085\u200b\ud800=+-@',;|\"\uff1d0.")
    | st.characters()
)


def harmless(text: str) -> bool:
    """Whether a terminal obeys nothing in it and shows it in the order in which it stands."""
    kinds = {unicodedata.category(each) for each in text if each not in "\n\t\u200c\u200d\u200e\u200f\u061c"}
    return not kinds & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(HOSTILE)
def test_a_terminal_gets_nothing_to_obey(text: str) -> None:
    assert harmless(safe.terminal(text)) and harmless(safe.entry(text))


@given(HOSTILE)
def test_an_entry_begins_no_line_but_its_own(text: str) -> None:
    first, *others = safe.entry(text).splitlines() or [""]
    assert all(each.startswith(safe.CONTINUED) for each in others)


@given(st.recursive(HOSTILE, lambda inner: st.lists(inner) | st.dictionaries(HOSTILE, inner), max_leaves=8))
def test_printed_json_is_safe_and_exact(value: object) -> None:
    printed = safe.as_json(value)
    assert harmless(printed) and json.loads(printed) == json.loads(json.dumps(value))


@given(HOSTILE)
def test_a_log_line_is_one_line_of_ascii(text: str) -> None:
    written = safe.log_line({"said": text})
    assert written.isascii() and written.isprintable() and json.loads(written) == {"said": text}


@given(HOSTILE)
def test_what_was_put_into_a_cell_comes_out_of_it(text: str) -> None:
    assert safe.from_cell(safe.cell(text)) == text


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", "\t=", "\r=", "＝", " =", "a;=", 'a,"=', "a\n=", "a|@", "';=", "''="]
)
def test_no_cell_begins_a_formula_wherever_a_spreadsheet_cuts(begin: str) -> None:
    written = safe.cell(f"{begin}HYPERLINK(1)")
    assert not any(
        part.strip(" \"'")[:1] and part.lstrip(' "')[:1] in "=+-@\uff1d" for part in _cut(written) if part.strip()
    )


def _cut(written: str) -> list[str]:
    for each in "\t\r\n,;|":
        written = written.replace(each, "\0")
    return written.split("\0")


@pytest.mark.parametrize("number", ["-1.55", "+3", "0", "53.8"])
def test_numbers_stay_numbers(number: str) -> None:
    assert safe.cell(number) == number


def test_the_directory_goes_to_a_spreadsheet_and_back_as_it_was() -> None:
    playbook = a_playbook()
    hostile = playbook.branches[0].model_copy(
        update={"name": '=cmd|"/c calc"!A1', "places": ("@leeds", "a;=1+1", "-5"), "longitude": -1.55}
    )
    playbook = playbook.model_copy(update={"branches": (hostile, *playbook.branches[1:])})
    for spreadsheet in (False, True):
        text = directory.written(playbook.branches, spreadsheet=spreadsheet)
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";" if spreadsheet else ",") for cell in row]
        assert not [each for each in cells if each[:1] in tuple("=+-@") and each != "-1.55"]
        assert directory.read(text.encode(), playbook).branches == playbook.branches
