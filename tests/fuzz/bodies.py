"""Real bodies, and what mutation makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.builders import CARE, PAGE

HERE = Path(__file__).resolve()
SAMPLES = HERE.parents[2].parent / "shared" / "platform-samples"
FOLDERS = (HERE.parents[1] / "fixtures" / "payloads", SAMPLES)
CHANNELS = ("x", "facebook", "messenger", "whatsapp", "instagram", "generic")

DEEP = "@deep@"
"""Stands for a nesting that no JSON writer would write; it is put in as text."""

WORDS = (
    *("", " ", "0", "-1", "a" * 300, "a" * 400, "a" * 401, "9" * 25, "\0", "a\0b", "\ud800", "\udfff\ud800", "\u202e"),
    *("e\u0301" * 50, "\U0001f525" * 40, "&#0;&#xD800;&lt;b&gt;", "<script>alert(1)</script>", "a\r\nBcc: b@c.d", "#"),
    *("x:1#deleted", "@AcmeCare", "@AcmeCare " * 30, "smoke in Leeds, ring 07700 900123", "stop", "{name} {ref}", "%s"),
    *(
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "0001-01-01T00:00:00+14:00",
        "Fri Dec 13 04:48:09 +0000 2019",
    ),
    *(
        "2026-11-23",
        "253402300799999",
        "99999999999999999",
        "true",
        "null",
        "NaN",
        CARE,
        PAGE,
        "x" * 70_000,
        "xy " * 90_000,
    ),
)
NUMBERS = (
    0,
    1,
    -1,
    -(10**12),
    10**12,
    10**13,
    253402300799,
    253402300799999,
    10**17,
    10**29,
    10**31,
    10**45,
    0.5,
    -1.5,
)
STRANGE = (None, True, False, [], {}, [[]], [None], {"": None}, {"id": None}, float("nan"), float("inf"), 1e308, DEEP)
ANYTHING = st.sampled_from((*WORDS, *NUMBERS, *STRANGE)) | st.text(max_size=40) | st.integers() | st.floats()


def real_bodies() -> list[tuple[str, Any]]:
    """``(channel, content)`` of every body there is: written by hand, and recorded where those stand beside us."""
    found = []
    for folder in FOLDERS:
        for channel in CHANNELS:
            for path in sorted((folder / channel).glob("*.json")):
                if not path.name.endswith(".events.json"):
                    content = json.loads(path.read_bytes())
                    if path.name.startswith("tweet-object-"):
                        content = {"for_user_id": CARE, "tweet_create_events": [content]}
                    found.append((channel, content))
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the whole of it first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, one in inner for place in places(one, (*path, name)))]


def changed(value: Any, path: tuple[Any, ...], how: str, new: Any) -> Any:
    """The value with one place deleted, repeated, nested, said otherwise, or replaced."""
    if not path:
        return _otherwise(value, how, new)
    name, rest = path[0], path[1:]
    if isinstance(value, list):
        if rest or how not in ("delete", "repeat"):
            return [*value[:name], changed(value[name], rest, how, new), *value[name + 1 :]]
        times = 0 if how == "delete" else new if isinstance(new, int) and 2 <= new <= 60 else 2
        return [*value[:name], *([value[name]] * times), *value[name + 1 :]]
    copy = dict(value)
    if rest or how != "delete":
        copy[name] = changed(value[name], rest, how, new)
    else:
        del copy[name]
    return copy


def _otherwise(value: Any, how: str, new: Any) -> Any:
    if how == "nest":
        return [value] if isinstance(new, int) else {"data": value}
    if how == "repeat":
        return [value, value]
    if how == "retype":
        if isinstance(value, str):
            return int(value) if value.isascii() and value.isdigit() and len(value) < 40 else [value]
        return str(value) if isinstance(value, int | float) else json.dumps(value)
    return new


HOW = ("replace", "replace", "replace", "delete", "retype", "nest", "repeat")
REAL = real_bodies()


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, bytes]:
    """``(channel, body)``: a real body with up to six things wrong, in any spelling of JSON, sometimes cut or torn."""
    channel, content = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.sampled_from(places(content)))
        content = changed(content, place, draw(st.sampled_from(HOW)), draw(ANYTHING))
    body = _spelled(content, draw(st.booleans()))
    depth = draw(st.sampled_from((30, 900, 100_000)))
    body = body.replace(json.dumps(DEEP).encode(), b"[" * depth + b"]" * depth)
    match draw(
        st.sampled_from(("whole", "whole", "whole", "whole", "whole", "whole", "cut", "torn", "marked", "wide"))
    ):
        case "cut":
            return channel, body[: draw(st.integers(0, len(body)))]
        case "torn":
            at = draw(st.integers(0, len(body)))
            return channel, body[:at] + draw(st.binary(max_size=4)) + body[at + draw(st.integers(0, 4)) :]
        case "marked":
            return channel, b"\xef\xbb\xbf" + body
        case "wide":
            return channel, body.decode("utf-8", "replace").encode("utf-16")
    return channel, body


def _spelled(content: Any, escaped: bool) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b"{}"
