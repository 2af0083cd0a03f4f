"""National ids are found by their form and, where they have one, by their check digits."""

from __future__ import annotations

import pytest

from firstline.decide.personal_data import kinds


@pytest.mark.parametrize(
    "text",
    ["CPF 111.444.777-35", "DNI 12345678Z", "NIE X1234567L", "RSSMRA85T10A562S", "2 55 08 14 168 025 38",
     "NI number AB 12 34 56 C", "SSN 078-05-1120"],
)  # fmt: skip
def test_a_national_id_is_personal(text: str) -> None:
    assert kinds(text) == ("national_id",)


@pytest.mark.parametrize("text", ["111.444.777-36", "12345678A", "11144477735", "order 2026-11-24", "model WX12345678"])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert "national_id" not in kinds(text)
