"""Bodies that nobody would send on purpose, behind a valid signature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.channels import CHANNELS, adapter, reading
from firstline.decide import language
from firstline.model.events import Posted, Unreadable

PAYLOADS = Path(__file__).parents[2] / "fixtures" / "payloads"
BODIES = [
    (path.parent.name, json.loads(path.read_bytes()))
    for path in sorted(PAYLOADS.glob("*/*.json"))
    if not path.name.endswith(".events.json")
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, one in inner for place in places(one, (*path, name)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with something else in one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@given(st.data())
def test_a_body_with_anything_in_any_place_is_parsed_and_split(data: st.DataObject) -> None:
    channel, body = data.draw(st.sampled_from(BODIES))
    place = data.draw(st.sampled_from(places(body)))
    changed = json.dumps(put(body, place, data.draw(JSON))).encode()
    events = adapter(channel).parse(changed, {"200000000000001": "Lumora"})
    assert events
    for event in events:
        event.model_dump_json().encode()
    assert adapter(channel).split(changed, 2)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"data":',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 5000,
    ],
    ids=["nothing", "bytes", "null", "list", "text", "empty", "cut", "deep list", "deep object", "huge number"],
)
def test_what_is_no_delivery_is_quarantined(channel: str, body: bytes) -> None:
    events = adapter(channel).parse(body, {})
    assert [type(event) for event in events] == [Unreadable]
    assert adapter(channel).split(body, 1) == [body]


def a_message(**message: Any) -> bytes:
    return json.dumps(
        {
            "object": "page",
            "entry": [
                {"id": "1", "messaging": [{"sender": {"id": "2"}, "recipient": {"id": "1"}, "message": message}]}
            ],
        }
    ).encode()


def test_nul_and_lone_surrogates_are_made_harmless_and_emoji_stay() -> None:
    (event,) = adapter("messenger").parse(a_message(mid="m", text="a\0b \ud800c \U0001f621"), {})
    assert isinstance(event, Posted)
    assert event.post.text == "a\ufffdb \ufffdc \U0001f621"


@pytest.mark.parametrize("mid", ["", " ", "a b", "a#deleted", "x" * 401, 1.5, True, None, {}, "\n"])
def test_an_id_that_cannot_be_one_is_quarantined(mid: Any) -> None:
    (event,) = adapter("messenger").parse(a_message(mid=mid, text="hello"), {})
    assert isinstance(event, Unreadable)
    assert event.reason == "no_post_id"
    assert "hello" in event.fragment


@pytest.mark.parametrize("count", [10**20, 10**45, -(10**45), "9" * 21, 1e308, float("nan")])
def test_a_count_that_nothing_can_keep_counts_as_unknown(count: Any) -> None:
    assert reading.whole(count) is None


def test_a_long_word_costs_no_more_than_many_short_ones() -> None:
    """Each letter of it was once tried as the beginning of an e-mail address."""
    assert not language._NOISE.search("x" * 200_000)
