"""Reading other people's JSON: a strange value is answered with None, never with an exception."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from ..model.events import Event, NeedsLookup, Posted, Unreadable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Json = dict[str, Any]

STRANGE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What reading hostile or unforeseen input may raise; pydantic's ValidationError is a ValueError."""

_HARMFUL = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[!-~]{1,400}")
_CLASSIC_TIME = "%a %b %d %H:%M:%S %z %Y"
_MILLISECONDS_FROM = 10**12

LARGEST = 200_000
"""Bytes of one event. No platform allows words as long as that; a record of the table may be twice as large."""


def load(body: bytes) -> Any:
    """The body as Python values, with NULs and lone surrogates made harmless. Raises one of STRANGE."""
    text = body.decode("utf-8-sig", "replace")
    value = json.loads(text, parse_constant=lambda _: None)
    return _harmless(value) if _HARMFUL.search(text) else value


def _harmless(value: Any) -> Any:
    # DynamoDB, SQS and mail take neither; both come only from escapes, so most bodies are never walked.
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    if isinstance(value, dict):
        return {_harmless(key): _harmless(item) for key, item in value.items()}
    return value


def obj(value: Any) -> Json:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """The value if it is text, else nothing."""
    return value if isinstance(value, str) else ""


def whole(value: Any) -> int | None:
    """A count, also when it is written as text; None for one so large that nothing keeps it (DynamoDB: 38 digits)."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20 else None


def identifier(value: Any) -> str | None:
    """An id as text; older bodies hold numbers. None for what cannot be one (it becomes part of keys)."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else ""
    return value if isinstance(value, str) and _IDENTIFIER.fullmatch(value) and "#" not in value else None


def required(value: Any, what: str) -> str:
    """The id; raises ValueError if there is none."""
    found = identifier(value)
    if found is None:
        raise ValueError(f"no_{what}")
    return found


MOST_TOLD, DEEPEST_TOLD = 50, 6
_OPTION = re.compile(r"(?:[0-9]+_)?([^\W\d_]+(?:_[^\W\d_]+)*)")
"""How forms write what was ticked: a number, then the words, underscores between them."""


def told(value: Any, without: Collection[str] = ()) -> str:
    """All that is in a value, a line for each name: what somebody filled in, ticked or shared, however it is nested.

    Lists stand in one line. ``without`` names what is no content of the outermost object.
    """
    return "\n".join(islice(_told(value, "", frozenset(without), 0), MOST_TOLD))


def _told(value: Any, name: str, without: Collection[str], depth: int) -> Iterator[str]:
    if depth > DEEPEST_TOLD:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in without:
                yield from _told(item, str(key).replace("_", " "), (), depth + 1)
        return
    if isinstance(value, list):
        nested = [item for item in value if isinstance(item, dict | list)]
        for item in nested:
            yield from _told(item, name, (), depth + 1)
        value = ", ".join(filter(None, (_plain(item) for item in value if not isinstance(item, dict | list))))
    words = _plain(value)
    if words:
        yield f"{name}: {words}" if name else words


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    option = _OPTION.fullmatch(words(value))
    return option[1].replace("_", " ") if option else words(value).strip()


def decimal(value: Any) -> str | None:
    """A coordinate as text."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return str(value)


def moment(*values: Any) -> datetime:
    """The first of the values that is a time, in UTC; 1970 if none is.

    Understands epoch seconds and milliseconds (from 1e12 on, as number or text), ISO 8601, and X's classic
    "Fri Dec 13 04:48:09 +0000 2019".
    """
    for value in values:
        found = _moment(value)
        if found is not None:
            return found
    return EPOCH


def timed(*values: Any) -> bool:
    """Whether any of the values is a time."""
    return moment(*values) != EPOCH


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,17}", value):
            try:
                found = datetime.fromisoformat(value)
            except ValueError:
                found = datetime.strptime(value, _CLASSIC_TIME)
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or (number := float(value)) <= 0:
            return None
        return EPOCH + timedelta(milliseconds=number if number >= _MILLISECONDS_FROM else number * 1000)
    except (ValueError, OverflowError):
        return None


def fragment(value: Any) -> str:
    """The value's own JSON text."""
    try:
        return json.dumps(value, ensure_ascii=True)
    except STRANGE:
        return repr(type(value).__name__)


def digest(*parts: Any) -> str:
    """A short name that follows from the content."""
    return hashlib.sha256("\n".join(fragment(part) for part in parts).encode()).hexdigest()[:24]


def unreadable(channel: str, reason: str, value: Any, *context: Any) -> Unreadable:
    """A quarantined value; ``context`` tells it from its twin elsewhere."""
    text = value if isinstance(value, str) else fragment(value)
    return Unreadable(key=f"{channel}~{digest(text, *context)}", reason=reason, fragment=text)


def each(channel: str, value: Any, context: Any, read: Callable[[], Iterable[Event]]) -> list[Event]:
    """What ``read`` makes of one value; a value that it stumbles over costs only itself."""
    try:
        events = list(read())
        if any(len(event.model_dump_json().encode()) > LARGEST for event in events):
            raise ValueError("too_large")
        return events
    except STRANGE as problem:
        known = str(problem) if re.fullmatch(r"[a-z_]{1,40}", str(problem)) else f"malformed_{type(problem).__name__}"
        return [unreadable(channel, known, value, context)]


def once(events: Iterable[Event]) -> list[Event]:
    """Each key once. Of a notice with ids only and the whole post, the post stays."""
    kept: dict[str, Event] = {}
    for event in events:
        earlier = kept.get(event.key)
        if earlier is None or (isinstance(earlier, NeedsLookup) and isinstance(event, Posted)):
            kept[event.key] = event
    return list(kept.values())
