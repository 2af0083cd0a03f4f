"""Every shape that the platforms document, with the events that it must give (tests/fixtures/payloads)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firstline.channels import CHANNELS, adapter

PAYLOADS = Path(__file__).parents[2] / "fixtures" / "payloads"
SHAPES = sorted(
    path.relative_to(PAYLOADS) for path in PAYLOADS.glob("*/*.json") if not path.name.endswith(".events.json")
)
ACCOUNTS = {
    "x": {"1450000000000000001": "LumoraHome", "1450000000000000002": "LumoraCare"},
    "facebook": {"200000000000001": "Lumora"},
    "messenger": {"200000000000001": "Lumora"},
    "whatsapp": {"300000000000001": "Lumora"},
    "instagram": {"17841400000000001": "lumora"},
    "generic": {"reviews": "Lumora"},
}


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Where ``found`` is not what is expected; members of objects that nobody asked for do not count."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [line for name in expected for line in differences(expected[name], found.get(name), f"{where}.{name}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [line for n, one in enumerate(expected) for line in differences(one, found[n], f"{where}[{n}]")]
    return [] if expected == found else [f"{where}: expected {expected!r}, found {found!r}"]


def read(shape: Path) -> tuple[bytes, list[dict[str, Any]]]:
    """The body, and its events as JSON."""
    body = (PAYLOADS / shape).read_bytes()
    return body, [event.model_dump(mode="json") for event in parse(shape, body)]


def parse(shape: Path, body: bytes) -> list[Any]:
    return adapter(shape.parts[0]).parse(body, ACCOUNTS[shape.parts[0]])


def test_there_are_shapes_of_every_channel() -> None:
    assert {shape.parts[0] for shape in SHAPES} == set(CHANNELS)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_shape_gives_its_events(shape: Path) -> None:
    _, found = read(shape)
    expected = json.loads((PAYLOADS / shape.with_suffix(".events.json")).read_text())
    assert [event["type"] for event in found] == [event["type"] for event in expected]
    assert differences(expected, found) == []


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_redelivery_gives_the_same_keys_and_each_key_once(shape: Path) -> None:
    body, found = read(shape)
    keys = [event["key"] for event in found]
    # The same content may come in another notation: escaped or not, with or without white space.
    again = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()
    assert keys == [event.key for event in parse(shape, again)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_what_is_split_one_by_one_says_the_same_as_the_whole(shape: Path) -> None:
    body, found = read(shape)
    parts = adapter(shape.parts[0]).split(body, 1)
    said = {event.key: event.model_dump(mode="json") for part in parts for event in parse(shape, part)}
    assert said == {event["key"]: event for event in found}
