"""The `firstline` command: its groups are imported only when they are called."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "case": "infra.ops.case:case",
    "playbook": "infra.ops.playbook:playbook",
    "reconcile": "infra.ops.reconcile:reconcile",
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


@click.command(cls=_Lazy)
def main() -> None:
    """Operate a Firstline deployment."""
