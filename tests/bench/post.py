"""R82: what a post costs in calls, capacity and messages, function by function, with the table at two sizes.

The whole path runs in one process: moto's queues and mail, simulated platforms, the example playbook, and AWS's own
DynamoDB Local, which says what each call consumed. Two things are put right on the way: a key that was looked for and
is absent costs one unit on AWS and nothing there; and the index of an untransacted write counts as there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from firstline.operations.agents import take_next
from firstline.operations.tend import run
from firstline.playbook import load_yaml
from infra.local.playbook import EXAMPLE
from infra.local.simulators.store import Person
from tests.builders import CARE, PAGE
from tests.dynamodb_local import a_dynamodb_local, client
from tests.world import World, a_world

from .figures import Figure

SIZES = (1_000, 100_000)
"""Cases in the table."""
KEPT = ("case", "author", "thread", "event", "post", "reply")
"""Kinds of records that a seeded case has, as intake and reply wrote them for the sample."""
READS = ("GetItem", "BatchGetItem", "Query")
NEVER = "9999-"
"""Seeded promises are not due while it is measured: the diary's minute is one in which nothing is late."""
WINDOW = timedelta(minutes=16)
"""Longer than a platform's window of limits, so that all stories of a size fall into one that has begun."""
SAMPLE = Person(id="599000000", name="Sam Ple", handle="sample")


@dataclass
class Spent:
    """What one function did for one post."""

    calls: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    read_units: float = 0
    write_units: float = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.messages + other.messages,
            self.read_units + other.read_units,
            self.write_units + other.write_units,
        )

    @property
    def without_secrets(self) -> int:
        """All calls to AWS but reads of the channels' secrets."""
        return sum(number for name, number in self.calls.items() if not name.startswith("secretsmanager"))

    @property
    def reads(self) -> int:
        """Reads of the table."""
        return sum(self.calls[f"dynamodb.{name}"] for name in READS)


class Meter:
    """Counts every call that operations make, under the name of the function that runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.spent: dict[str, Spent] = {}
        self.function = ""
        self._asked: dict[str, Any] = {}
        for each in (world.sqs, world.dynamodb, world.s3, world.ses, world.secretsmanager):
            each.meta.events.register("before-parameter-build", self._before)
            each.meta.events.register("after-call", self._after)
        world.dynamodb.meta.events.register("provide-client-params.dynamodb", _telling)

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        """Whatever is called in the block is this function's."""
        before, self.function = self.function, function
        try:
            yield
        finally:
            self.function = before

    def taken(self) -> dict[str, Spent]:
        """What was counted since the last time."""
        spent, self.spent = self.spent, {}
        return spent

    def _before(self, params: dict[str, Any], **_: Any) -> None:
        self._asked = params

    def _after(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if not self.function or not self.world.inside:
            return
        spent = self.spent.setdefault(self.function, Spent())
        service = model.service_model.service_name
        spent.calls[f"{service}.{model.name}"] += 1
        if model.name == "SendMessage":
            spent.messages += 1
        if model.name == "SendMessageBatch":
            spent.messages += len(self._asked["Entries"])
        if service == "dynamodb":
            units = _units(parsed)
            if model.name in READS:
                spent.read_units += units + _absent(model.name, self._asked, parsed)
            else:
                spent.write_units += max(units, 1)  # a condition that failed costs a write, too


def _telling(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return {**params, "ReturnConsumedCapacity": "TOTAL"}


def _units(parsed: dict[str, Any]) -> float:
    told = parsed.get("ConsumedCapacity") or []
    return sum(each["CapacityUnits"] for each in (told if isinstance(told, list) else [told]))


def _absent(operation: str, asked: dict[str, Any], parsed: dict[str, Any]) -> int:
    """Keys that were asked for and are not there; DynamoDB Local counts a single absent item itself."""
    if operation != "BatchGetItem":
        return 0
    wanted = sum(len(each["Keys"]) for each in asked["RequestItems"].values())
    return wanted - sum(len(each) for each in parsed["Responses"].values())


# -- a full table ------------------------------------------------------------------------------------------------


def _sample(world: World) -> list[dict[str, Any]]:
    """The records of one case that waits for an agent, as the flow wrote them."""
    _, deliveries = world.x.post(SAMPLE, "@AcmeCare my oven is broken since Monday", world.now, account=CARE)
    for each in deliveries:
        world.deliver(each)
    world.pass_time(120)
    items = world.dynamodb.scan(TableName="cases")["Items"]
    (case,) = [item for item in items if item["entity"]["S"] == "case"]
    names = {case["id"]["S"]: "CASE", SAMPLE.id: "AUTHOR", world.sent()[0].parent_id: "POST"}
    kept = [item for item in items if item["entity"]["S"] in KEPT and "#own" not in item["pk"]["S"]]
    text = json.dumps(kept)
    for name, mark in names.items():
        text = text.replace(name, mark)
    templates: list[dict[str, Any]] = json.loads(text)
    return templates


def _copies(templates: list[dict[str, Any]], number: int, shards: int) -> list[dict[str, Any]]:
    text = json.dumps(templates)
    for mark, name in (("CASE", f"S{number:07d}"), ("AUTHOR", f"6{number:08d}"), ("POST", f"21{number:017d}")):
        text = text.replace(mark, name)
    items: list[dict[str, Any]] = json.loads(text)
    for item in items:
        for partition in ("due_pk", "order_pk", "list_pk"):
            if partition in item:
                item[partition]["S"] = f"{item[partition]['S'][:-2]}{number % shards:02d}"
        if "due_sk" in item:
            item["due_sk"]["S"] = NEVER + item["due_sk"]["S"]
    return items


def fill(world: World, templates: list[dict[str, Any]], first: int, last: int) -> None:
    """Write the records of so many more cases."""

    def some(start: int) -> None:
        items = [
            {"PutRequest": {"Item": item}}
            for number in range(start, min(start + 4, last))
            for item in _copies(templates, number, world.services.table.shards)
        ]
        world.dynamodb.batch_write_item(RequestItems={"cases": items})

    with ThreadPoolExecutor(3) as pool:
        for _ in pool.map(some, range(first, last, 4)):
            pass


# -- stories -----------------------------------------------------------------------------------------------------


def _mention(text: str) -> Callable[[World, int], Any]:
    def post(world: World, author: int) -> Any:
        person = Person(id=f"50{author}", name="Anna Ross", handle=f"anna{author}")
        return world.x.post(person, text, world.now, account=CARE)[1]

    return post


def _comment(world: World, author: int) -> Any:
    person = Person(id=f"77700{author}", name="Ben Hill")
    return world.graph.post(person, "The oven you sold me is broken", world.now, account=PAGE)[1]


COMPLAINT = "@AcmeCare my oven is broken since Monday"
STORIES: dict[str, Callable[[World, int], Any]] = {
    "first post on X": _mention(COMPLAINT),
    "second post of the author": _mention("@AcmeCare my oven is still broken"),
    "post for a branch, with its mail": _mention("@AcmeCare no engineer came to repair my broken oven in Leeds"),
    "comment on Facebook": _comment,
}
SAME_AUTHOR = {"second post of the author"}


def tell_story(world: World, meter: Meter, deliveries: Any) -> dict[str, Spent]:
    """One post from the webhook to the echo of its answer, function by function."""
    meter.taken()
    with meter.of("receive"):
        for each in deliveries:
            world.deliver(each)
    with meter.of("intake"):
        world.work("intake")
    for _ in range(2):
        with meter.of("handoff"):
            world.work("handoffs")
        for _ in range(3):
            world.now += timedelta(seconds=25)
            with meter.of("reply"):
                world.work("replies")
    with meter.of("echo of the answer"):
        world.webhooks()
        world.work("intake")
    return meter.taken()


def count() -> dict[int, dict[str, dict[str, Spent]]]:
    """Size of the table -> story -> function -> what it did. "upkeep" holds what no post causes: the diary's minute
    and an agent's next case."""
    found: dict[int, dict[str, dict[str, Spent]]] = {}
    playbook = load_yaml(EXAMPLE.read_text())
    with (
        a_dynamodb_local("4g") as endpoint,
        a_world(playbook, dynamodb=client(endpoint, max_pool_connections=8)) as world,
    ):
        templates, filled = _sample(world), 0
        meter = Meter(world)
        author = 1000
        for size in SIZES:
            fill(world, templates, filled, size)
            filled = size
            stories = found[size] = {}
            world.now += WINDOW
            author += 1
            tell_story(world, meter, STORIES["comment on Facebook"](world, author))
            tell_story(world, meter, STORIES["first post on X"](world, author))
            for name, story in STORIES.items():
                author += 0 if name in SAME_AUTHOR else 1
                stories[name] = tell_story(world, meter, story(world, author))
            world.inside = True
            acted = 1
            while acted:  # until a minute comes in which nothing is due
                world.now += timedelta(minutes=1)
                meter.taken()
                with meter.of("diary, a minute"):
                    acted = run(world.services)
            with meter.of("agent, next case"):
                take_next("maria", frozenset({"language:en"}), world.services)
            world.inside = False
            stories["upkeep"] = meter.taken()
    return found


def figures(found: dict[int, dict[str, dict[str, Spent]]]) -> list[Figure]:
    """R82's figures at the largest size, with those of the smallest beside them: they should be the same."""
    small, large = found[SIZES[0]], found[SIZES[-1]]
    shown = []
    for story in STORIES:
        for part, pick in (("intake", _intake), ("all functions", _whole)):
            before, after = pick(small[story]), pick(large[story])
            shown += [
                _beside(story, f"{part}: {name}", value(before), value(after), unit, goal if part == "intake" else None)
                for name, unit, value, goal in MEASURES
            ]
    for name in UPKEEP:
        before, after = small["upkeep"][name], large["upkeep"][name]
        shown += [
            _beside("upkeep", f"{name}: {what}", value(before), value(after), unit, None)
            for what, unit, value, _ in MEASURES
        ]
    return shown


UPKEEP = ("diary, a minute", "agent, next case")
MEASURES: tuple[tuple[str, str, Callable[[Spent], float], float | None], ...] = (
    ("transactions", "calls", lambda spent: spent.calls["dynamodb.TransactWriteItems"], 1),
    ("reads", "calls", lambda spent: spent.reads, 2),
    ("messages", "messages", lambda spent: spent.messages, None),
    ("AWS calls, secrets apart", "calls", lambda spent: spent.without_secrets, None),
    ("read units", "RRU", lambda spent: spent.read_units, None),
    ("write units", "WRU", lambda spent: spent.write_units, None),
)
"""Secrets are read once a minute and process; which post does it is chance."""


def _intake(spent: dict[str, Spent]) -> Spent:
    return spent["intake"]


def _whole(spent: dict[str, Spent]) -> Spent:
    return sum(spent.values(), Spent())


def _beside(part: str, name: str, small: float, large: float, unit: str, goal: float | None) -> Figure:
    note = "" if small == large else f"({small:g} at {SIZES[0]:,} cases)"
    return Figure(f"post, {SIZES[-1]:,} cases: {part}", name, large, unit, goal=goal, note=note)
