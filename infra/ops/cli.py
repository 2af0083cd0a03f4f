"""The `firstline` command: its groups are imported only when they are called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from firstline.outward import safe

from .output import guarded

COMMANDS = {
    "acts": "infra.ops.acts:acts",
    "branches": "infra.ops.branches:branches",
    "capacity": "infra.ops.capacity:capacity",
    "case": "infra.ops.case:case",
    "connect": "infra.ops.connect:connect",
    "doctor": "infra.ops.doctor:doctor",
    "mail": "infra.ops.mail:mail",
    "people": "infra.ops.people:people",
    "person": "infra.ops.person:person",
    "playbook": "infra.ops.playbook:playbook",
    "quarantine": "infra.ops.quarantine:quarantine",
    "queues": "infra.ops.queues:queues",
    "reconcile": "infra.ops.reconcile:reconcile",
    "replay": "infra.ops.replay:replay",
    "robots": "infra.ops.robots:robots",
    "retention": "infra.ops.retention:retention",
    "rotate": "infra.ops.rotate:rotate",
    "secrets": "infra.ops.account_secrets:secrets",
    "watch": "infra.ops.watch:watch",
}


class _Lazy(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        where = COMMANDS.get(name)
        if where is None:
            return None
        module, _, attribute = where.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.ClickException as problem:
            problem.message = safe.entry(problem.message)
            raise

    def main(self, *words: Any, **named: Any) -> Any:
        with guarded():
            return super().main(*words, **named)


@click.command(cls=_Lazy)
@click.option("--local", is_flag=True, help="Work on the local stack of this checkout (make local).")
def main(local: bool) -> None:
    """Operate a Firstline deployment."""
    if local:
        from infra.local.stack import status

        if status() is None:  # also points the AWS clients of this process at the embedded AWS
            raise click.ClickException("the local stack does not run: make local")
