"""`firstline playbook`: check, explain, publish, list and roll back the brand's policy (R60)."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from firstline import channels
from firstline.channels.requirements import clauses
from firstline.decide import decide
from firstline.model.decision import Known
from firstline.model.errors import Retry
from firstline.model.post import Author, Post
from firstline.outward.playbooks import object_key
from firstline.playbook import Playbook, PlaybookErrors, compiled, load_yaml, never_said, no_longer_used

from .output import say, show_json

EXAMPLE = Path(__file__).resolve().parents[1] / "playbook/lumora.yaml"
STACK = click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def playbook() -> None:
    """The brand's policy as data."""


def loaded(file: Path, *, whole: bool = True) -> Playbook:
    """The playbook in a file, else its mistakes and the end of the command; ``whole`` as `load_yaml` takes it."""
    try:
        return load_yaml(file.read_text(), whole=whole)
    except PlaybookErrors as errors:
        for each in errors.errors:
            say(f"{file}: {each}", err=True)
        sys.exit(1)


@playbook.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Find every mistake, with line and column and what to write instead; and what is not used."""
    found = loaded(file)
    _tell_unused(file)
    say(f"{file}: version {found.version} is fine: {len(found.branches)} branches, {', '.join(found.languages)}")


def _tell_unused(file: Path) -> None:
    """Name what harms nobody and does nothing: keys of earlier releases, words in a language that lacks others."""
    text = file.read_text()
    for each in (*no_longer_used(text), *never_said(text)):
        say(f"{file}: {each}", err=True)


@playbook.command()
@click.argument("text")
@click.option("--channel", type=click.Choice(channels.CHANNELS), default="x", show_default=True)
@click.option("--private", is_flag=True, help="A private message instead of a public post.")
@click.option("--kind", default="", help="Another kind of post: mention, standby, encrypted.")
@click.option("--plan", type=click.Choice(("self_serve", "enterprise")), help="Your contract with the platform.")
@click.option("--implicit", is_flag=True, help="A reply that names the account only implicitly.")
@click.option("--overheard", is_flag=True, help="A post about the brand that is not addressed to it.")
@click.option("--file", type=FILE, default=EXAMPLE, help="The playbook (default: the worked example).")
@click.option("--json", "as_json", is_flag=True)
def explain(
    text: str,
    channel: str,
    private: bool,
    kind: str,
    plan: str | None,
    implicit: bool,
    overheard: bool,
    file: Path,
    as_json: bool,
) -> None:
    """What would be decided about a text, and why."""
    text = text.encode(errors="replace").decode()  # bytes of a shell that are no UTF-8
    what: dict[str, Any] = {"kind": kind} if kind else {}
    if implicit or overheard:
        what |= {"mentions": (), "addressed": not overheard}
    now = datetime.now(UTC)
    alone = private or channel in ("messenger", "whatsapp")
    told = explained(text, loaded(file), channel, private=alone, now=now, plan=plan, **what)
    if as_json:
        show_json(told)
        return
    for name, value in told.items():
        if name == "rules":
            say("rules:")
            for rule in value:
                say(f"  {rule['rule']}: {rule['why']}")
        elif name == "law":
            say("law:")
            for clause in value:
                forbids = " It forbids a robot's answer here." if clause["forbids"] else ""
                say(f"  {clause['name']}: {clause['says']}{forbids} ({clause['source']}; read {clause['date']})")
        else:
            say(f"{name}: {', '.join(value) if isinstance(value, list | tuple) else value}")


def explained(
    text: str,
    active: Playbook,
    channel: str,
    *,
    private: bool,
    now: datetime,
    plan: str | None = None,
    **what: Any,
) -> dict[str, Any]:
    """The decision about a text by someone who mentions the brand's answering account for the first time.

    ``plan`` takes the place of the account's own; ``what`` are fields of the post that differ (kind, mentions). The branch's mail is taken for accepted, so that the answer shows the words the customer would read in the end.
    """
    account = active.accounts_on(channel)[0]
    written: dict[str, Any] = {
        "channel": channel,
        "account": account.id,
        "post_id": "1",
        "author": Author(id="1", handle="customer", name="Customer"),
        "text": text,
        "at": now,
        "visibility": "private" if private else "public",
        "thread_id": "1",
        "mentions": (account.id,),
    }
    post = Post(**{**written, **what})
    law = channels.adapter(channel).law(post, plan or account.plan or "self_serve")
    decision = decide(post, Known(law=law, handoff="mailed"), active, now)
    return {
        "language": decision.language,
        "situation": decision.situation,
        "situations": decision.situations,
        "priority": decision.priority,
        "priority_reasons": decision.priority_reasons,
        "lane": decision.lane,
        "branch": decision.branch,
        "branch_reason": decision.branch_reason,
        "moderation": decision.moderation,
        "tone": decision.tone,
        "personal_data": decision.personal_data,
        "answer": decision.answer,
        "private_answer": decision.private_answer,
        "silence": decision.silence,
        "rules": [rule.model_dump() for rule in decision.rules],
        "law": [
            {**clause.model_dump(), "forbids": clause.name == law.because} for clause in clauses(channel, decision.law)
        ],
        "playbook_version": decision.playbook_version,
    }


def publish(new: Playbook, out: dict[str, str], session: Any) -> None:
    """Store the version (immutable) and make it the active one. Raises ClickException if other content has its name."""
    from botocore.exceptions import ClientError

    s3 = session.client("s3")
    body = compiled(new).encode()
    try:
        s3.put_object(Bucket=out["PlaybookBucketName"], Key=object_key(new.version), Body=body, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "412"):
            raise
        there = s3.get_object(Bucket=out["PlaybookBucketName"], Key=object_key(new.version))["Body"].read()
        if there != body:
            raise click.ClickException(
                f"version {new.version} was published with other content: raise version:"
            ) from None
    activate(new.version, out, session)


def activate(version: str, out: dict[str, str], session: Any) -> None:
    """Make a published version the active one."""
    from botocore.exceptions import ClientError

    appconfig = session.client("appconfig")
    number = appconfig.create_hosted_configuration_version(
        ApplicationId=out["PlaybookApplicationId"],
        ConfigurationProfileId=out["PlaybookProfileId"],
        Content=json.dumps({"version": version}).encode(),
        ContentType="application/json",
    )["VersionNumber"]
    try:
        appconfig.start_deployment(
            ApplicationId=out["PlaybookApplicationId"],
            EnvironmentId=out["PlaybookEnvironmentId"],
            ConfigurationProfileId=out["PlaybookProfileId"],
            ConfigurationVersion=str(number),
            DeploymentStrategyId=out.get("PlaybookStrategyId", "AppConfig.AllAtOnce"),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConflictException":
            raise
        raise click.ClickException("another version is being activated: try again when it is done") from None


@playbook.command()
def schema() -> None:
    """The JSON Schema of a playbook, as docs/schemas/playbook.schema.json has it."""
    show_json(Playbook.model_json_schema())


@playbook.command("publish")
@click.argument("file", type=FILE)
@STACK
def publish_file(file: Path, stack: str) -> None:
    """Publish a playbook and make it the active one."""
    import boto3  # here and below: check and explain need no AWS and start without it

    from .stack import outputs, record, services_of

    new = loaded(file)
    _tell_unused(file)
    record(services_of(stack), "playbook_published", new.version)
    publish(new, outputs(stack), boto3.session.Session())
    say(f"version {new.version} is published")


@playbook.command()
@STACK
def active(stack: str) -> None:
    """What is live: the active version as JSON, which `check` and `publish` read, too."""
    from .stack import services_of

    try:
        live = services_of(stack).playbooks.active()
    except Retry as error:
        raise click.ClickException(f"the active version was not read ({error.reason})") from None
    say(f"version {live.version} is active: {len(live.branches)} branches, {', '.join(live.languages)}", err=True)
    show_json(json.loads(compiled(live)))


@playbook.command()
@STACK
def versions(stack: str) -> None:
    """The published versions, newest first."""
    import boto3

    from .stack import outputs

    bucket = outputs(stack)["PlaybookBucketName"]
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [each for page in pages for each in page.get("Contents", ())]
    for each in sorted(found, key=lambda entry: entry["LastModified"], reverse=True):
        say(f"{each['LastModified']:%Y-%m-%d %H:%M}  {each['Key'].removesuffix('.json')}")


@playbook.command()
@click.argument("version")
@STACK
def rollback(version: str, stack: str) -> None:
    """Make an earlier version the active one again."""
    import boto3
    from botocore.exceptions import ClientError

    from .stack import outputs, record, services_of

    out, session = outputs(stack), boto3.session.Session()
    try:
        session.client("s3").head_object(Bucket=out["PlaybookBucketName"], Key=object_key(version))
    except ClientError:
        raise click.ClickException(f"no version {version} was published") from None
    record(services_of(stack), "playbook_activated", version)
    activate(version, out, session)
    say(f"version {version} is active")
