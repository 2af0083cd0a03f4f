"""`firstline mail`: what branches get, seen before they get it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, get_args

import click

from firstline.decide import branch_clock
from firstline.model.case import Case, case_id_of
from firstline.model.handoff import BranchMail, Handoff, MailKind
from firstline.model.records import StoredPost
from firstline.operations.mail_view import view
from firstline.outward.mailtext import (
    Action,
    Customer,
    DigestMail,
    HandoffMail,
    OpenHandoff,
    Words,
    digest_mail,
    handoff_mail,
    handoff_tag,
    thread_root,
)
from firstline.outward.mailtext.sentences import languages
from firstline.playbook import Playbook

from .output import say
from .playbook import EXAMPLE, FILE, STACK, loaded
from .stack import services_of

SENDER = "care@example.com"
KINDS = (*get_args(MailKind), "digest")


@click.group()
def mail() -> None:
    """Mails to branches."""


@mail.command()
@click.argument("handoff", required=False)
@click.option("--example", is_flag=True, help="A made-up handoff to a branch of the playbook.")
@click.option("--language", type=click.Choice(languages()), help="With --example: the mail's language.")
@click.option("--kind", type=click.Choice(KINDS), default="handoff", show_default=True)
@click.option("--file", type=FILE, default=EXAMPLE, help="With --example: the playbook (default: the worked example).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write .html, .txt or the whole .eml.")
@STACK
def preview(
    handoff: str | None, example: bool, language: str | None, kind: str, file: Path, out: Path | None, stack: str
) -> None:
    """Show a mail without sending it. HANDOFF is a case and a branch: FL-7K3M-9QX2/leeds.

    Links, reply address and translations are those of no deployment.
    """
    if example == bool(handoff):
        raise click.UsageError("either a handoff, such as FL-7K3M-9QX2/leeds, or --example")
    message = example_mail(loaded(file), kind, language) if example else _deployed(str(handoff), kind, stack)
    if out is None:
        say(f"Subject: {message['Subject']}", "", *_part(message, "plain").split("\n"))
        return
    contents = {".html": lambda: _part(message, "html"), ".txt": lambda: _part(message, "plain")}
    if out.suffix not in (".eml", *contents):
        raise click.UsageError("--out ends with .html, .txt or .eml")
    out.write_bytes(message.as_bytes() if out.suffix == ".eml" else contents[out.suffix]().encode())
    say(f"{out}: {message['Subject']}")


def example_mail(playbook: Playbook, kind: str, language: str | None) -> EmailMessage:
    """A mail of each kind about a made-up customer, to the playbook's first branch of that language."""
    if not playbook.branches:
        raise click.ClickException("the playbook has no branches")
    now = datetime.now(UTC)
    spoken = language or playbook.branches[0].language
    branch = next((each for each in playbook.branches if each.language == spoken), playbook.branches[0])
    region = playbook.region(branch.region)
    common: dict[str, Any] = {
        "branch": branch.name,
        "language": spoken,
        "time_zone": branch.time_zone,
        "team_zone": playbook.hours.time_zone,
        "sender": SENDER,
        "to": branch.email,
        "brand": playbook.brand.name,
        "texts": playbook.mail,
    }
    contact_by = branch_clock.to_accept(branch, playbook, now).target
    said = Words(text="Two days at home for nothing, nobody came.", at=now - timedelta(hours=2), language="en")
    if kind == "digest":
        waiting = OpenHandoff(
            case_ref="FL-7K3M-9QX2", customer="Maria Hughes", topic=said.text, contact_by=contact_by, url=_link("page")
        )
        week = DigestMail(
            **common,
            since=now - timedelta(days=7),
            until=now,
            open=(waiting,),
            handed=6,
            done=5,
            accepted_in=timedelta(minutes=50),
            contacted_in=timedelta(hours=3),
            helped=4,
            not_helped=1,
            said=(Words(text="Came on time and fixed it. Thank you!", at=now, language="en"),),
            page_url=_link("page"),
            unsubscribe_url=_link("unsubscribe"),
        )
        return digest_mail(week)
    to_region = kind in ("escalation", "fallback")
    return handoff_mail(
        HandoffMail(
            **common,
            kind=kind,  # type: ignore[arg-type]
            recipient=region.name if region and to_region else None,
            reply_to=SENDER,
            case_ref="FL-7K3M-9QX2",
            customer=Customer(channel="X", name="Maria Hughes", handle="@mariah", post_url=_link("post")),
            posts=(said, Words(text="Hello? Anybody?", at=now - timedelta(minutes=20), language="en")),
            new=1,
            accept_by=contact_by,
            contact_by=contact_by,
            late=to_region,
            visibility="public",
            links={action: _link(action) for action in get_args(Action)},
            thread_root=thread_root("7K3M9QX2", branch.id, SENDER.rpartition("@")[2]),
            handoff_tag=handoff_tag("7K3M9QX2", branch.id),
        )
    )


def _deployed(named: str, kind: str, stack: str) -> EmailMessage:
    reference, _, branch_id = named.partition("/")
    services = services_of(stack)
    services = replace(services, settings=replace(services.settings, mail_from=SENDER))
    playbook, case_id = services.playbooks.active(), case_id_of(reference)
    records = services.table.of_case(case_id)
    case = next((each for each in records if isinstance(each, Case)), None)
    given = next((each for each in records if isinstance(each, Handoff) and each.id == branch_id), None)
    branch = playbook.branch(branch_id)
    if case is None or given is None or branch is None:
        raise click.ClickException(
            f"there is no handoff {named}: write the case and the branch's id, FL-7K3M-9QX2/leeds"
        )
    if kind == "digest":
        raise click.UsageError("a digest is of no handoff: --example shows one")
    posts = [each for each in records if isinstance(each, StoredPost) and each.key in given.post_keys]
    standing = [each for each in posts if each.state == "standing"]
    if not standing:
        raise click.ClickException("its posts were deleted")
    later = None
    if kind != "handoff":
        address = branch.escalation_email if kind in ("escalation", "fallback") else branch.email
        later = BranchMail(
            id=f"{branch.id}+{kind}1",
            case_id=case_id,
            kind=kind,  # type: ignore[arg-type]
            branch=branch.id,
            address=address,
            created_at=services.clock(),
            since=given.told_at,
        )
    links = {action: _link(action) for action in get_args(Action)}
    return handoff_mail(view(given, case, standing, branch, playbook, services, later=later, links=links))


def _link(what: str) -> str:
    return f"https://care.example.com/branch/{what}"


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return body.get_content() if body is not None else ""  # type: ignore[attr-defined]
