"""Every command that prints what strangers wrote: no terminal obeys it, and no line of ours can be forged."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import infra.ops
from firstline.model.records import Quarantined
from firstline.operations import agents, branch
from infra.ops.cli import COMMANDS, main
from tests.builders import a_playbook
from tests.contract.path.test_branches import handed, the_case
from tests.contract.path.test_watch import overheard
from tests.world import World, a_world

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m\u202ereversed\u2066\u200b\x08\x7f\r\n2026-11-23 10:00:00  maria  (sent) FORGED\u2028"
    "FORGED\u2029FORGED\x85FORGED\x0bFORGED\x0cFORGED"
)
STACKED = ("infra.ops.case", "infra.ops.watch", "infra.ops.quarantine", "infra.ops.person", "infra.ops.capacity", "infra.ops.mail", "infra.ops.branches", "infra.ops.reconcile")  # fmt: skip


@pytest.fixture
def world() -> Iterator[World]:
    playbook = a_playbook()
    leeds, *others = playbook.branches
    evil = leeds.model_copy(update={"name": f"Leeds {EVIL}", "email": "leeds@acme.example"})
    with a_world(playbook.model_copy(update={"branches": (evil, *others)})) as world:
        yield world


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    for module in STACKED:
        monkeypatch.setattr(f"{module}.services_of", lambda stack: world.services)
        monkeypatch.setattr(f"{module}.whoami", lambda *_: "maria", raising=False)
    return lambda *words: CliRunner().invoke(main, list(words))


def harmless(text: str) -> None:
    """Nothing for a terminal to obey, no line that begins as ours do."""
    kinds = {unicodedata.category(each) for each in text if each not in "\n\t\u200c\u200d\u200e\u200f\u061c"}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}, sorted(kinds)
    assert not re.search(r"(?m)^\s{0,3}(?:FORGED|2026-11-23 10:00:00  maria)", text)


def everything_hostile(world: World) -> str:
    """A case on which post, name, handle, note, reason, answer and branch's words are hostile; its reference."""
    given = handed(world, f"No engineer came to repair my oven in Leeds {EVIL}")
    case = the_case(world)
    author = case.author.model_copy(update={"name": f"Ben {EVIL}", "handle": f"ben{EVIL}"})
    world.services.table.commit([case.model_copy(update={"author": author})], world.now)
    for step in (
        lambda: agents.claim(case.id, "maria", world.services),
        lambda: agents.note(case.id, "maria", f"rang him {EVIL}", world.services),
        lambda: agents.let_robots_speak(case.id, "maria", False, world.services, why=f"said so {EVIL}"),
        lambda: agents.reply(case.id, "maria", f"We are sorry. {EVIL}", world.services),
        lambda: branch.more_information(given.case_id, "leeds", f"Which model? {EVIL}", world.services),
        lambda: branch.write_to_customer(given.case_id, "leeds", f"We come. {EVIL}", world.services, key="k"),
    ):
        world.now += timedelta(seconds=1)
        step()
    return str(case.ref)


def test_everything_on_a_case_is_shown_safe(world: World, run: Callable[..., Result]) -> None:
    ref = everything_hostile(world)
    shown = run("case", "show", ref)
    assert shown.exit_code == 0, shown.output
    harmless(shown.output)
    for words in ("No engineer came", "rang him", "We are sorry", "Which model?", "We come", "\\u001b"):
        assert words in shown.output
    listed = run("case", "list")
    harmless(listed.output)
    assert len(listed.output.splitlines()) == 1


def test_json_is_safe_and_exact(world: World, run: Callable[..., Result]) -> None:
    ref = everything_hostile(world)
    shown = run("case", "show", ref, "--json")
    harmless(shown.output)
    texts = [each["post"]["text"] for each in json.loads(shown.output) if each["record"] == "StoredPost"]
    assert EVIL in texts[0]
    exported = run("person", "export", ref)
    harmless(exported.output)
    assert EVIL in texts_in(json.loads(exported.output))


def texts_in(value: Any) -> str:
    """All texts of a JSON value, one after the other."""
    if isinstance(value, dict):
        return "".join(map(texts_in, value.values()))
    return "".join(map(texts_in, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize(
    "words",
    [
        ("case", "take", "{ref}"),
        ("case", "reply", "{ref}", f"hello {EVIL}"),
        ("case", "reply", "{ref}", "hello", "--to", f"x:{EVIL}"),
        ("case", "note", "{ref}", f"note {EVIL}"),
        ("case", "send", "{ref}", f"reply {EVIL}"),
        ("case", "send", "{ref}", "branch-leeds-k"),
        ("case", "refuse", "{ref}", "branch-leeds-k", "--why", f"no {EVIL}"),
        ("case", "robots", "{ref}", "speak", "--why", f"why {EVIL}"),
        ("case", "handoff", "{ref}", f"leeds{EVIL}", "--why", f"why {EVIL}"),
        ("case", "resolve", "{ref}", f"done {EVIL}"),
        ("case", "back", "{ref}"),
        ("case", "wait", "{ref}"),
        ("case", "show", f"FL-{EVIL}"),
        ("mail", "preview", "{ref}/leeds"),
        ("mail", "preview", f"{{ref}}/{EVIL}"),
        ("capacity",),
        ("capacity", "--account", EVIL),
        ("branches", "check"),
        ("branches", "mailboxes"),
        ("person", "export", f"x:{EVIL}"),
        ("person", "erase", "{ref}", "--yes"),
        ("playbook", "explain", f"my oven is on fire {EVIL}"),
        ("playbook", "explain", f"my oven is on fire {EVIL}", "--json"),
        ("reconcile", "--since", EVIL),
        ("replay", "x", "--from", EVIL),
    ],
    ids=lambda words: ascii(" ".join(words))[:60],
)
def test_whatever_a_command_says_of_it_is_safe(
    world: World, run: Callable[..., Result], words: tuple[str, ...]
) -> None:
    ref = everything_hostile(world)
    world.now += timedelta(seconds=1)
    said = run(*(each.replace("{ref}", ref) for each in words))
    assert said.output and not isinstance(said.exception, (TypeError, KeyError, AttributeError)), said.exception
    harmless(said.output)


def test_the_watch_list_is_safe(world: World, run: Callable[..., Result]) -> None:
    overheard(world, f"My Acme oven is broken {EVIL}")
    world.pass_time(30)
    listed = run("watch", "list")
    assert "1 watched" in listed.output
    harmless(listed.output)
    assert len(listed.output.splitlines()) == 2
    harmless(run("watch", "list", "--json").output)


def test_quarantine_is_safe_and_its_bytes_are_there_when_asked_for(world: World, run: Callable[..., Result]) -> None:
    body = json.dumps({"news": EVIL}, ensure_ascii=False).encode() + b"\x1b[2J\xff"
    world.services.bodies.put("quarantine/1", body)
    for key in ("x~1", f"x~{EVIL}"):
        lies = Quarantined(
            key=key, channel="x", reason=f"why {EVIL}", delivery_id="d", body_key="quarantine/1", at=world.now
        )
        world.services.table.commit([lies], world.now)
    listed, shown = run("quarantine", "list"), run("quarantine", "show", "x~1")
    for each in (listed, shown, run("quarantine", "show", EVIL), run("quarantine", "replay", EVIL)):
        harmless(each.output)
    assert "2 in quarantine" in listed.output and "\\u001b" in shown.output
    assert run("quarantine", "show", "x~1", "--raw").stdout_bytes == body


def test_every_command_prints_by_the_one_way() -> None:
    """What is printed past `output.say` would not be safe when its lines are forged."""
    for file in Path(infra.ops.__file__).parent.rglob("*.py"):
        if file.name != "output.py":
            assert not re.search(r"click\.s?echo\(|\bprint\(|sys\.std(out|err)\.write", file.read_text("utf-8")), file
    assert {"case", "watch", "quarantine", "person", "branches"} <= COMMANDS.keys()


def test_a_line_of_a_functions_log_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    from firstline import wiring

    wiring.logger.cache_clear()
    wiring.tell("refused", reason=EVIL)
    wiring.logger.cache_clear()
    written: Any = capsys.readouterr().out.strip()
    assert written.isascii() and "\n" not in written
