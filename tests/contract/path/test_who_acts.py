"""Nobody acts as somebody else: what people do by command is recorded under the identity of their AWS credentials."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from firstline.model.records import Audit
from firstline.operations import audit
from infra.ops import stack
from infra.ops.cli import COMMANDS, main
from tests.contract.path.test_main_job import ANNA, posts
from tests.world import World, a_world

MARIA = "assumed-role/AWSReservedSSO_Agents_0123456789abcdef/maria"
PLAYBOOK = "infra/playbook/lumora.yaml"
READING = {
    *("acts", "capacity", "doctor", "reconcile", "case list", "case show", "watch list", "mail preview"),
    *("branches check", "branches export", "branches mailboxes", "person export", "quarantine list", "quarantine show"),
    *("playbook check", "playbook explain", "playbook schema", "playbook versions", "playbook active"),
    "branches locate",  # it writes a file of one's own
}
ACTING = {
    "branches confirm": "leeds",
    "branches import": "",  # its table is written by the test
    "case back": "FL-7K3M-9QX2",
    "case handoff": "FL-7K3M-9QX2 leeds --why x",
    "case note": "FL-7K3M-9QX2 words",
    "case refuse": "FL-7K3M-9QX2 id --why x",
    "case reply": "FL-7K3M-9QX2 words",
    "case resolve": "FL-7K3M-9QX2 done",
    "case robots": "FL-7K3M-9QX2 silent --why x",
    "case send": "FL-7K3M-9QX2 id",
    "case take": "FL-7K3M-9QX2",
    "case wait": "FL-7K3M-9QX2",
    "retention apply": "",
    **{
        f"connect {name}": "--no-test-post"
        for name in ("facebook", "generic", "instagram", "messenger", "whatsapp", "x")
    },
    "connect mail": "--yes",
    "people add": "lea@acme.example --role agent",
    "person erase": f"x:{ANNA.id} --yes",
    "playbook publish": PLAYBOOK,
    "playbook rollback": "one",
    "quarantine replay": "--all",
    "queues redrive": "intake",
    "replay": "x --from 2026-11-23T09:00Z",
    "robots off": "--why x",
    "robots on": "--why x",
    "rotate": "x",
    "secrets migrate": "",
    "watch take": "x:5",
}


def leaves(command: click.Command, name: str = "") -> Iterator[str]:
    context = click.Context(command)
    if not isinstance(command, click.Group):
        yield name
        return
    for each in command.list_commands(context):
        found = command.get_command(context, each)
        assert found is not None
        yield from leaves(found, f"{name} {each}".strip())
    if command.invoke_without_command:
        assert name == "robots"  # says how the switch stands


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with a_world(shards=1) as world:
        list(leaves(main))  # imports every command
        out = {"HttpApiUrl": "https://care.acme.example", "UserPoolId": "pool", "PlaybookBucketName": "bodies"}
        given = {"InboundMail": "true"}
        for module in [module for name, module in sys.modules.items() if name.startswith("infra.ops")]:
            for name, value in (("services_of", world.services), ("outputs", out), ("parameters", given)):
                if hasattr(module, name):
                    monkeypatch.setattr(module, name, lambda stack, value=value: value)
        world.s3.put_object(Bucket="bodies", Key="one.json", Body=b"{}")
        yield world


def somebody(monkeypatch: pytest.MonkeyPatch, account: str = "123456789012", identity: str = MARIA) -> None:
    monkeypatch.setattr(stack, "caller", lambda: (account, identity))


def run(*words: str) -> Any:
    return CliRunner().invoke(main, list(words))


def a_case(world: World) -> Any:
    posts(world, "@AcmeCare my oven is broken")
    world.settle()
    (case,) = world.cases()
    return case


def test_every_command_is_known_to_read_or_to_act() -> None:
    assert READING.isdisjoint(ACTING)
    assert set(leaves(main)) == READING | set(ACTING), COMMANDS


@pytest.mark.parametrize("command", ACTING)
def test_who_is_nobody_does_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    def nobody() -> tuple[str, str]:
        raise click.ClickException("who are you?")

    monkeypatch.setattr(stack, "caller", nobody)
    a_case(world)
    words = [*command.split(), *ACTING[command].split()]
    if command == "branches import":
        table = tmp_path / "branches.csv"
        table.write_text(run("branches", "export").output.replace("leeds@", "leeds-service@"))
        words.append(str(table))
    writes: list[str] = []
    monkeypatch.setattr(world.services.table, "commit", lambda records, now: writes.append(f"PutItem {records}"))
    monkeypatch.setattr(world.services.queues, "send", lambda messages: writes.append(f"SendMessage {messages}"))
    for client in (world.s3, world.secretsmanager):
        client.meta.events.register("before-send", lambda event_name, **_: writes.append(event_name))
    ended = run(*words)
    assert ended.exit_code == 1 and "who are you?" in ended.output, ended.output
    assert not [each for each in writes if "Put" in each or "Send" in each]


def test_an_agent_is_the_identity_in_the_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case(world)
    somebody(monkeypatch)
    assert run("case", "take", case.ref).exit_code == 0
    assert run("case", "--as", "maria", "note", case.ref, "called her").exit_code == 0
    assert run("case", "--as", MARIA, "back", case.ref).exit_code == 0
    lines = [each for each in world.records(case.id, "audit#") if isinstance(each, Audit) and each.by != "robot"]
    assert lines and {each.by for each in lines} == {MARIA}


@pytest.mark.parametrize("name", ["lea", "robot", "", "AWSReservedSSO_Agents_0123456789abcdef", "assumed-role"])
def test_nobody_acts_as_somebody_else(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    case = a_case(world)
    somebody(monkeypatch)
    for words in (("case", "--as", name, "take", case.ref), ("watch", "take", "x:5", "--as", name)):
        ended = run(*words)
        assert ended.exit_code == 1 and f"you are {MARIA}" in ended.output
    assert world.cases()[0].holder is None


def test_on_the_local_stack_where_all_are_one_the_name_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case(world)
    somebody(monkeypatch, account=stack.EMBEDDED, identity="root")
    assert run("case", "--as", "lea", "take", case.ref).exit_code == 0
    assert world.cases()[0].holder == "lea"


def test_what_is_done_to_the_deployment_is_recorded_under_the_identity(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody(monkeypatch)
    assert run("robots", "off", "--why", "a wrong wording").exit_code == 0
    assert run("quarantine", "replay", "--all").exit_code == 0
    assert run("secrets", "migrate").exit_code == 0
    found = audit.acts(world.services, 10)
    assert {each.what for each in found} == {"robots_off", "quarantine_replayed", "secrets_migrated"}
    assert {each.by for each in found} == {MARIA}
    told = run("acts").output
    assert MARIA in told and "robots_off all" in told and "a wrong wording" in told


def test_an_erasure_names_who_asked_for_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case(world)
    somebody(monkeypatch)
    assert run("person", "erase", case.ref, "--yes").exit_code == 0
    lines = [each for each in world.records(case.id, "audit#") if isinstance(each, Audit)]
    assert f"person:{MARIA}" in {each.by for each in lines} | {each.why for each in lines}
