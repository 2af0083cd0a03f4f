"""`firstline branches`: the directory as a spreadsheet: import, export, overlaps and holes, the nearest towns (R50a)."""

from __future__ import annotations

import hashlib
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import click

from firstline.decide.hours import LONGEST_SEARCH, is_open, next_opening
from firstline.model.errors import NotFound, Retry
from firstline.operations import mailboxes as mailbox_operations
from firstline.playbook import Branch, Playbook
from firstline.playbook.checks import Problem
from firstline.playbook.coverage import doubts

from . import directory, towns
from .output import exact, say
from .playbook import FILE, STACK, loaded, publish
from .rewriting import Unwritable, with_branches
from .stack import outputs, record, services_of, whoami

LONG_CLOSED = timedelta(days=30)
PLAYBOOK = click.option("--playbook", "file", type=FILE, help="A playbook file instead of the active version.")


@click.group()
def branches() -> None:
    """The directory of branches, from and to a spreadsheet."""


def _source(file: Path | None, stack: str, *, whole: bool = True) -> Playbook:
    """The playbook in the file, else the one that is active."""
    if file is not None:
        return loaded(file, whole=whole)
    try:
        return services_of(stack).playbooks.active()
    except Retry as error:
        raise click.ClickException(
            f"the active playbook cannot be read ({error.reason}); --playbook FILE works on a file"
        ) from None


@branches.command("import")
@click.argument("table", type=FILE)
@PLAYBOOK
@STACK
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
def import_table(table: Path, file: Path | None, stack: str, dry_run: bool) -> None:
    """Make the branches those of a CSV file.

    With --playbook they are written into that file, whose other parts and comments stay as they are. Without, they are
    published as a new version of the active playbook.
    """
    before = _source(file, stack, whole=False)  # a region may name a desk that the table brings
    try:
        after = directory.read(table.read_bytes(), before)
    except directory.Mistakes as mistakes:
        for each in mistakes.found:
            say(f"{table}: {each}", err=True)
        sys.exit(1)
    changes = directory.differences(before.branches, after.branches)
    for line in changes or ["nothing changes"]:
        say(line)
    _tell(_doubts(after, datetime.now(UTC)))
    if dry_run or not changes:
        return
    if file is not None:
        _write(file, after.branches)
        say(f"{file} is written: raise its version and publish it (firstline playbook publish {file})")
        return
    new = after.model_copy(update={"version": version_with(after)})
    record(services_of(stack), "playbook_published", new.version)
    publish(new, outputs(stack), boto3.session.Session())
    say(f"version {new.version} is published; import with --playbook FILE, too, or the next publish undoes it")


def version_with(playbook: Playbook) -> str:
    """The version's name with one for its branches: the same branches have the same."""
    content = "\n".join(branch.model_dump_json() for branch in playbook.branches)
    name = re.sub(r"-b[0-9a-f]{8}$", "", playbook.version)[:54]
    return f"{name}-b{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _write(file: Path, wanted: tuple[Branch, ...]) -> None:
    try:
        file.write_text(with_branches(file.read_text(), wanted))
    except Unwritable as reason:
        raise click.ClickException(f"{file}: {reason}") from None


@branches.command()
@PLAYBOOK
@STACK
@click.option("--excel", is_flag=True, help="With ; and a byte order mark, as Excel opens it by a double click.")
def export(file: Path | None, stack: str, excel: bool) -> None:
    """Write the branches as CSV, to be imported again."""
    exact(directory.written(_source(file, stack).branches, spreadsheet=excel).encode())


@branches.command()
@PLAYBOOK
@STACK
def check(file: Path | None, stack: str) -> None:
    """Name places with two branches and what no branch can be found for; exit code 1 if there is any."""
    source = _source(file, stack)
    found = _doubts(source, datetime.now(UTC))
    _tell(found)
    if found:
        sys.exit(1)
    say(f"version {source.version}: {len(source.branches)} branches, no overlaps and no holes")


@branches.command()
@click.option("--playbook", "file", type=FILE, required=True, help="The playbook file that is completed.")
@click.option("--population", default=50_000, show_default=True, help="Inhabitants of the smallest towns to assign.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
def locate(file: Path, population: int, dry_run: bool) -> None:
    """Write where branches are, and the towns that are nearest to each.

    Towns are those of the regions' countries. Coordinates that are there stay.
    """
    before = loaded(file)
    try:
        map_ = towns.towns_of(country for region in before.regions for country in region.countries)
    except towns.NoMap as reason:
        raise click.ClickException(str(reason)) from None
    for region in before.regions:
        if not region.countries:
            say(f"regions.{region.id}: no countries (write those it serves, such as countries: [GB])", err=True)
    after = before.model_copy(update={"branches": towns.placed(before, map_)})
    after = after.model_copy(update={"branches": towns.with_nearby(after, map_, population)})
    for branch in after.branches:
        if branch.latitude is None or branch.longitude is None:
            say(f"{branch.id}: none of its places is on the map (write latitude and longitude)", err=True)
        else:
            say(f"{branch.id}: {branch.latitude:.2f}, {branch.longitude:.2f}; {len(branch.nearby)} names of towns")
    if not dry_run and after != before:
        _write(file, after.branches)
        say(f"{file} is written: look through the names, raise its version and publish it")


@branches.command()
@STACK
def mailboxes(stack: str) -> None:
    """Name the branches that get no mail because theirs came back; exit code 1 if there is any."""
    found = mailbox_operations.closed(services_of(stack))
    for box in found:
        say(f"{box.branch}: {box.address}, {box.because}, since {box.closed_at:%Y-%m-%d %H:%MZ}")
    if found:
        say("their handoffs go to the region; once an address works: firstline branches confirm BRANCH", err=True)
        sys.exit(1)
    say("every branch is mailed")


@branches.command()
@click.argument("branch")
@STACK
def confirm(branch: str, stack: str) -> None:
    """Mail BRANCH again: its address works, or somebody wants its weekly digest back."""
    try:
        changed = mailbox_operations.confirm(branch, whoami(), services_of(stack))
    except NotFound as error:
        raise click.ClickException(str(error)) from None
    say(f"{branch} is mailed again" if changed else f"{branch} was mailed all the time: nothing changes")


def _doubts(playbook: Playbook, now: datetime) -> list[Problem]:
    return [
        *doubts(playbook),
        *(closed for n, each in enumerate(playbook.branches) if (closed := _closed(n, each, now))),
    ]


def _closed(number: int, branch: Branch, now: datetime) -> Problem | None:
    """That a branch does not open soon: its handoffs wait for it."""
    opens = next_opening(branch.hours, now)
    if is_open(branch.hours, now) or now < opens < now + LONG_CLOSED:
        return None
    until = f"until {opens:%Y-%m-%d}" if opens > now else f"for more than {LONGEST_SEARCH.days} days"
    return ("branches", number, "hours"), f"{branch.id} is closed {until}", "its places at another branch until then"


def _tell(found: list[Problem]) -> None:
    for path, what, instead in found:
        say(f"{'.'.join(map(str, path))}: {what} (write {instead})", err=True)
