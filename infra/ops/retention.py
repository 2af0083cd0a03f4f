"""`firstline retention`: count the retention of what is there by the active playbook (docs/privacy.md)."""

from __future__ import annotations

import click

from firstline.model.case import Case
from firstline.model.errors import LostRace, UnknownForm
from firstline.operations.retention import again
from firstline.operations.services import Services
from firstline.table import keys

from .output import say
from .stack import record, services_of


@click.group()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.pass_context
def retention(context: click.Context, stack: str) -> None:
    """How long cases are kept."""
    context.obj = services_of(stack)


@retention.command()
@click.pass_obj
def apply(services: Services) -> None:
    """Give every ended case its term by the active playbook: after the upgrade that brought this command, and whenever
    `retention_days` changed. Safe to repeat. The sweep removes what is over."""
    record(services, "retention_applied")
    changed = same = later = 0
    for case_id in ended(services):
        try:
            case = services.table.get(keys.case(case_id))
            if isinstance(case, Case) and case.over:
                changed, same = (changed + 1, same) if again(case, services) else (changed, same + 1)
        except (LostRace, UnknownForm):
            later += 1
    say(f"{changed} ended cases have a new term, {same} had theirs")
    if later:
        raise click.ClickException(f"{later} could not be read or changed meanwhile: say it again")


def ended(services: Services) -> list[str]:
    """The ids of cases that are done, from the list that has them all."""
    shards = keys.all_shards(services.table.shards)
    listed = (each for shard in shards for each in services.table.listed(keys.cases_partition("done", shard)))
    return [each.id for each in listed if isinstance(each, Case)]
