"""`firstline case`: what agents do with cases, by AWS credentials, recorded in the trail as that person."""

from __future__ import annotations

import shlex
from typing import Any

import click

from firstline.model.base import Value
from firstline.model.case import Case, case_id_of
from firstline.model.errors import Refused, Retry
from firstline.model.handoff import BranchMail, Handoff
from firstline.model.records import Audit, Note, OwnPost, StoredPost
from firstline.model.reply import Reply
from firstline.operations import agents
from firstline.operations.services import Services
from firstline.outward import safe
from firstline.table import keys

from .output import say, show_json
from .stack import services_of, whoami


@click.group()
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
@click.option(
    "--as", "agent", default=None, help="Your own name in your AWS credentials; nobody acts as somebody else."
)
@click.pass_context
def case(context: click.Context, stack: str, agent: str | None) -> None:
    """Work on cases: list, take, show, reply, note, handoff, wait, resolve."""
    context.obj = _Desk(stack, agent)


class _Desk:
    """Services and the acting person, made when first needed."""

    def __init__(self, stack: str, agent: str | None) -> None:
        self._stack, self._name, self._agent = stack, agent, ""
        self._services: Services | None = None

    @property
    def services(self) -> Services:
        if self._services is None:
            self._services = services_of(self._stack)
        return self._services

    @property
    def agent(self) -> str:
        self._agent = self._agent or whoami(self._name)
        return self._agent


def _do(action: Any, *words: Any, **named: Any) -> Any:
    """An operation's refusal is a plain sentence for the person, not a trace."""
    try:
        return action(*words, **named)
    except Refused as refusal:
        raise click.ClickException(refusal.reason) from None
    except Retry as error:
        raise click.ClickException(f"not done, try again ({error.reason})") from None


def _show(value: Value | list[Any], as_json: bool, *lines: str) -> None:
    if as_json:
        content = (
            [each.model_dump(mode="json") for each in value]
            if isinstance(value, list)
            else value.model_dump(mode="json")
        )
        show_json(content)
    else:
        say(*lines)


def _unseen(stored: StoredPost) -> str:
    return "(deleted)" if stored.state == "deleted" else f"({stored.post.incomplete or 'no words'})"


def _line(found: Case, text: str | None = None) -> str:
    who = safe.line(found.author.handle or found.author.name or found.author.id, 60)
    due = f" due {found.human_due:%Y-%m-%d %H:%M}Z" if found.human_due else ""
    ended = f" ({safe.line(found.disposition, 60)})" if found.done and found.disposition else ""
    words = f"  “{safe.line(text, 80)}”" if text else ""
    where = f"{found.channel:<9} {found.language:<3} {found.lane or '-':<8}"
    return (
        f"{found.ref}  {found.priority:3d}  {found.status + ended:<20} {where} {who}  posts {found.posts}"
        f"{due}{_whose(found)}{words}"
    )


def _whose(found: Case) -> str:
    """Who has the case, or the customer's answer to come."""
    if found.holder:
        return f" held by {found.holder}"
    if found.kept_for and found.kept_for_until:
        return f" kept for {found.kept_for} until {found.kept_for_until:%Y-%m-%d %H:%M}Z"
    return f" asked by {found.kept_for}" if found.kept_for else ""


def latest_texts(cases: list[Case], services: Services) -> dict[str, str]:
    """By case id, what the customer wrote last of all that waits for an answer; else what they wrote last."""
    table = services.table
    awaited = table.read(keys.post(each.id, each.unanswered[-1]) for each in cases if each.unanswered).readable
    latest = {each.case_id: each for each in awaited.values() if isinstance(each, StoredPost)}
    for case in cases:
        posts = [] if case.id in latest or case.wordless else table.of_case(case.id, "post#")
        for each in posts:
            if isinstance(each, StoredPost) and (case.id not in latest or each.post.at >= latest[case.id].post.at):
                latest[case.id] = each
    return {case_id: each.post.text or _unseen(each) for case_id, each in latest.items()}


def _said(reply: Reply, posts: dict[str, StoredPost]) -> str:
    """Whether words are (to be) read by everybody or by the customer alone."""
    answered = [posts[key].post.visibility for key in reply.post_keys if key in posts]
    alone = reply.recipient or reply.endpoint in PRIVATE_WAYS or "private" in answered
    return "private" if alone else "public"


def _at_branch(given: Handoff) -> str:
    """Where a handoff stands: its mail, and how far the branch is."""
    taken = f" by {given.taken_by}" if given.taken_by else ""
    moved = f", moved to {given.moved_to}" if given.moved_to else ""
    return f"branch {given.id}: {given.state}, {given.stage.replace('_', ' ')}{taken}{moved}"


def elsewhere(case: Case, answered: tuple[str, ...]) -> tuple[str, ...]:
    """The commands that answer the customer's other posts, each in its own thread (R11). Platforms refuse the same words
    twice, so they are offered one by one and not sent."""
    others = [key for key in case.unanswered if key not in answered]
    if not others:
        return ()
    return (
        "still unanswered, each in its own thread:",
        *(f'  firstline case reply {case.ref} "…" --to {shlex.quote(key)}' for key in others),
    )


JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


PRIVATE_WAYS = frozenset({"private_replies", "dms"})
"""Endpoints that a public post is answered by in private."""


@case.command("list")
@click.option("--done", is_flag=True, help="Resolved and closed cases instead of open ones.")
@click.option("--lane", type=click.Choice(agents.LANES), help="Only those that wait in this lane.")
@click.option("--mine", is_flag=True, help="Only those that you hold or whose customer you asked.")
@click.option("--most", default=50, show_default=True)
@JSON
@click.pass_obj
def list_cases(desk: _Desk, done: bool, lane: str | None, mine: bool, most: int, as_json: bool) -> None:
    """Cases, the one with the latest post first: language, lane, whose they are, and what the customer wrote."""
    some = max(most, agents.MOST_LOOKED_AT) if lane or mine else most
    found = desk.services.table.cases("done" if done else "open", some)
    found = [each for each in found if lane is None or (each.lane == lane and each.work_id is not None)]
    found = [each for each in found if not mine or desk.agent in (each.holder, each.kept_for)][:most]
    texts = latest_texts(found, desk.services)
    if as_json:
        show_json([{**each.model_dump(mode="json"), "text": texts.get(each.id)} for each in found])
        return
    say(*([_line(each, texts.get(each.id)) for each in found] or ["no cases"]))


@case.command()
@click.argument("reference", required=False)
@click.option("--language", multiple=True, help="Languages you speak (default: any).")
@click.option("--channel", multiple=True, help="Channels you work on (default: any).")
@click.option("--work", help="Take the case only while this work item is live (its work_id in the lane's message).")
@JSON
@click.pass_obj
def take(
    desk: _Desk,
    reference: str | None,
    language: tuple[str, ...],
    channel: tuple[str, ...],
    work: str | None,
    as_json: bool,
) -> None:
    """Take a case by its reference, or the next one that fits."""
    if reference:
        taken = _do(agents.claim, case_id_of(reference), desk.agent, desk.services, work_id=work)
    else:
        skills = frozenset((*(f"language:{each}" for each in language), *(f"channel:{each}" for each in channel)))
        taken = _do(agents.take_next, desk.agent, skills, desk.services)
        if taken is None:
            raise click.ClickException("nothing waits that fits")
    _show(taken, as_json, _line(taken))


@case.command()
@click.argument("reference")
@JSON
@click.pass_obj
def show(desk: _Desk, reference: str, as_json: bool) -> None:
    """A case with everything said and done on it."""
    records = desk.services.table.of_case(case_id_of(reference))
    if not records:
        raise click.ClickException(f"there is no case {reference}")
    if as_json:
        show_json([{"record": type(r).__name__, **r.model_dump(mode="json")} for r in records])
        return
    for each in records:
        if isinstance(each, Case):
            say(_line(each))
            if each.open_url is not None:
                say(f"open in the app: {each.open_url}")
    posts = {each.key: each for each in records if isinstance(each, StoredPost)}
    lines: list[tuple[Any, str]] = []
    for each in records:
        if isinstance(each, StoredPost):
            lines.append((each.post.at, f"customer  {each.post.text or _unseen(each)}   [{each.key}]"))
            if each.post.came_from:
                lines.append((each.post.at, f"  · came from {each.post.came_from}"))
            if each.law is not None:
                lines.append(
                    (each.post.at, f"  · no robot may answer ({each.law}): open {each.open_url or each.post.account}")
                )
        elif isinstance(each, Reply):
            named = f"  [{each.id}]" if each.state == "ready" else ""
            late = f"  [{each.lateness}]" if each.lateness else ""
            said = f"{each.by}  ({each.state}, {_said(each, posts)}) {each.text or each.reason or ''}{named}{late}"
            lines.append((each.settled_at or each.created_at, said))
        elif isinstance(each, OwnPost):
            lines.append((each.at, f"in the app  {each.text}"))
        elif isinstance(each, Note):
            lines.append((each.at, f"note by {each.by}  {each.text}"))
        elif isinstance(each, Handoff):
            lines.append((each.created_at, _at_branch(each)))
        elif isinstance(each, BranchMail):
            lines.append((each.created_at, f"branch {each.branch}: {each.kind} {each.state}"))
        elif isinstance(each, Audit):
            lines.append((each.at, f"  · {each.what} by {each.by}{f' ({each.why})' if each.why else ''}"))
    for at, text in sorted(lines):
        say(f"{at:%Y-%m-%d %H:%M:%S}  {text}")


@case.command()
@click.argument("reference")
@click.argument("text")
@click.option("--to", help="The post to answer (default: the oldest unanswered one).")
@click.option("--private", is_flag=True, help="Answer a public post privately.")
@JSON
@click.pass_obj
def reply(desk: _Desk, reference: str, text: str, to: str | None, private: bool, as_json: bool) -> None:
    """Answer the customer in the post's own thread."""
    how = "private" if private else None
    said = _do(agents.reply, case_id_of(reference), desk.agent, text, desk.services, to=to, how=how)
    answered = desk.services.table.get(keys.case(said.case_id))
    others = elsewhere(answered, said.post_keys) if isinstance(answered, Case) else ()
    _show(said, as_json, f"on its way: {said.id}", *others)


@case.command()
@click.argument("reference")
@click.argument("reply_id")
@JSON
@click.pass_obj
def send(desk: _Desk, reference: str, reply_id: str, as_json: bool) -> None:
    """Send the words that wait for an agent, as they are (`show` lists them as ready, with their id)."""
    said = _do(agents.send_ready, case_id_of(reference), desk.agent, reply_id, desk.services)
    _show(said, as_json, f"on its way: {said.id}")


@case.command()
@click.argument("reference")
@click.argument("reply_id")
@click.option("--why", default="", help="For the branch whose words they are; it reads this on its page.")
@JSON
@click.pass_obj
def refuse(desk: _Desk, reference: str, reply_id: str, why: str, as_json: bool) -> None:
    """Do not send the words that wait for an agent."""
    refused = _do(agents.refuse_ready, case_id_of(reference), desk.agent, reply_id, desk.services, why=why)
    _show(refused, as_json, f"not sent: {refused.id}")


@case.command()
@click.argument("reference")
@click.argument("text")
@JSON
@click.pass_obj
def note(desk: _Desk, reference: str, text: str, as_json: bool) -> None:
    """Write something down for colleagues."""
    _show(_do(agents.note, case_id_of(reference), desk.agent, text, desk.services), as_json, "noted")


@case.command()
@click.argument("reference")
@click.argument("branch")
@click.option("--why", required=True, help="What the branch is asked to do.")
@click.option("--note", "words", default="", help="A word to the branch.")
@JSON
@click.pass_obj
def handoff(desk: _Desk, reference: str, branch: str, why: str, words: str, as_json: bool) -> None:
    """Hand the case to a branch by mail."""
    given = _do(agents.hand_to_branch, case_id_of(reference), desk.agent, branch, desk.services, why=why, words=words)
    _show(given, as_json, f"handed to {given.id}, contact by {given.contact_by:%Y-%m-%d %H:%M}Z")


@case.command()
@click.argument("reference")
@click.argument("wish", type=click.Choice(("silent", "speak")))
@click.option("--why", required=True, help="How the author asked for it.")
@JSON
@click.pass_obj
def robots(desk: _Desk, reference: str, wish: str, why: str, as_json: bool) -> None:
    """Record what the author wishes of robots: that they be silent, or that they may speak again."""
    speak = wish == "speak"
    author = _do(agents.let_robots_speak, case_id_of(reference), desk.agent, speak, desk.services, why=why)
    told = f"robots {'may speak to' if speak else 'are silent to'} {author.key} from now on"
    _show(author, as_json, told)


@case.command("back")
@click.argument("reference")
@JSON
@click.pass_obj
def give_back(desk: _Desk, reference: str, as_json: bool) -> None:
    """Give the case back to the lane."""
    given = _do(agents.give_back, case_id_of(reference), desk.agent, desk.services)
    _show(given, as_json, _line(given))


@case.command()
@click.argument("reference")
@JSON
@click.pass_obj
def wait(desk: _Desk, reference: str, as_json: bool) -> None:
    """It is the customer's turn."""
    waiting = _do(agents.wait_for_customer, case_id_of(reference), desk.agent, desk.services)
    _show(waiting, as_json, _line(waiting))


@case.command()
@click.argument("reference")
@click.argument("disposition")
@JSON
@click.pass_obj
def resolve(desk: _Desk, reference: str, disposition: str, as_json: bool) -> None:
    """Resolve the case with one of the playbook's dispositions (`case.dispositions`)."""
    resolved = _do(agents.resolve, case_id_of(reference), desk.agent, disposition, desk.services)
    _show(resolved, as_json, _line(resolved))
