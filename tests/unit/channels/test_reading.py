"""Times, ids and duplicates as the platforms write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firstline.channels import reading
from firstline.channels.x.drafts import moment_of_id, plain

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECONDS = int(NOON.timestamp())


@pytest.mark.parametrize(
    "value",
    [
        SECONDS,
        str(SECONDS),
        SECONDS * 1000,
        str(SECONDS * 1000),
        float(SECONDS),
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00.000Z",
        "2026-11-23T13:00:00+01:00",
        "2026-11-23T12:00:00+0000",
        "2026-11-23T12:00:00",
        "Mon Nov 23 12:00:00 +0000 2026",
    ],
)
def test_a_time_in_any_notation_is_the_same_moment(value: Any) -> None:
    assert reading.moment(value) == NOON


@pytest.mark.parametrize("value", [None, "", "soon", True, 0, -5, [], {}, float("inf"), float("nan"), 10**17, "9" * 17])
def test_what_is_no_time_leaves_the_word_to_the_next(value: Any) -> None:
    assert reading.moment(value, SECONDS) == NOON
    assert reading.moment(value) == reading.EPOCH


@pytest.mark.parametrize(("value", "expected"), [("12", "12"), (12, "12"), (10**18 + 1, "1000000000000000001")])
def test_an_id_is_text(value: Any, expected: str) -> None:
    assert reading.identifier(value) == expected


def test_an_id_of_x_tells_when_it_was_made() -> None:
    # Snowflake: 2026-07-24T21:23:23Z by the post's own created_at.
    assert moment_of_id("2080765813578191303").replace(microsecond=0) == datetime(2026, 7, 24, 21, 23, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "visible_from", "expected"),
    [
        ("@LumoraHome hello", 0, "@LumoraHome hello"),
        ("@LumoraHome hello", 12, "hello"),
        ("@LumoraHome @other hello @third", 19, "hello @third"),
        # A range that reaches into the words takes none of them.
        ("@LumoraHome Great post", 14, "Great post"),
        ("Great post", 6, "Great post"),
        ("a &lt;b&gt; &amp;amp; c", 0, "a <b> &amp; c"),
    ],
)
def test_hidden_mentions_are_cut_and_words_never(raw: str, visible_from: int, expected: str) -> None:
    assert plain(raw, visible_from) == expected
