"""The commands themselves: answers from standard input, exit codes, and no secret on the command line or the screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click
import pytest
from click.testing import CliRunner

from infra.ops import connect, rotate
from infra.ops.cli import main
from infra.ops.connect.setup import Person, Setup
from tests.world import World, a_world

from .setups import ACCOUNT, ANSWERS, a_setup, nothing_connected


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with a_world(shards=1) as world:
        nothing_connected(world)
        for module in (connect, rotate):
            monkeypatch.setattr(module, "setup_of", lambda *asked, **more: of(world, *asked, **more))
        yield lambda words, given="": CliRunner().invoke(main, words.split(), input=given)


def of(world: World, channel: str, stack: str, person: Person, **more: Any) -> Setup:
    setup = a_setup(world, channel, dict(person.given), agrees=person.always, **{"wanted": None, **more})
    world.published.now = world.published.now.model_copy(update={"accounts": ()})
    return setup


@pytest.mark.parametrize("channel", connect.CONNECTIONS)
def test_answers_come_as_json_on_standard_input_and_are_never_shown(run: Any, channel: str) -> None:
    ended = run(
        f"connect {channel} --input - --no-test-post", json.dumps({**ANSWERS[channel], "account_id": ACCOUNT[channel]})
    )
    assert ended.exit_code == 0, ended.output
    assert "connected" in ended.output
    for name, value in ANSWERS[channel].items():
        if ("secret" in name or name == "token") and value != "page":  # also what Meta calls its object
            assert f" {value} " not in f" {ended.output.replace(chr(10), ' ')} "
    assert run(f"connect {channel} --check").exit_code == 0


def test_answers_may_come_from_the_environment(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ANSWERS["x"].items():
        monkeypatch.setenv(f"FIRSTLINE_{name.upper()}", value)
    assert run("connect x --no-test-post").exit_code == 0


def test_what_is_missing_ends_with_one_and_its_name(run: Any) -> None:
    ended = run("connect x --input -", "{}")
    assert ended.exit_code == 1 and "FIRSTLINE_CONSUMER_KEY" in ended.output
    assert run("connect x --check").exit_code == 1
    assert run("connect x --input -", "[]").exit_code == 1


@pytest.mark.parametrize(
    "command", [*(connect.connect.get_command(None, name) for name in connect.CONNECTIONS), rotate.rotate]
)  # type: ignore[arg-type]
def test_no_secret_can_be_given_on_the_command_line(command: click.Command) -> None:
    options = {name for each in command.params for name in each.opts}
    assert not {name for name in options if "secret" in name or "token" in name or "key" in name}


def test_a_rotation_from_the_command_line(run: Any) -> None:
    assert run("connect x --input - --no-test-post", json.dumps(ANSWERS["x"])).exit_code == 0
    assert run("rotate x --input -", '{"new_secret": "two"}').exit_code == 0
    assert run("rotate x").exit_code == 1
    ended = run("rotate x --finish --yes")
    assert ended.exit_code == 0 and "dropped" in ended.output
