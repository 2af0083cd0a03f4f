"""`make demo`: the real template on the embedded AWS, a short story on the simulated platforms, and what came of it."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import click
import requests
from itsdangerous import URLSafeSerializer

from firstline.model.case import Case
from firstline.model.handoff import Handoff
from firstline.model.records import Seen
from firstline.model.reply import Reply
from firstline.operations.services import Services
from firstline.table import keys
from infra.ops.stack import services_of

from .playbook import local_playbook
from .stack import STACK, Failed, down, up
from .story import ERRANDS, STORY, Beat, Errand

PATIENCE = 300.0
"""Seconds after which what has not happened is taken as not happening. A region hears of a branch that does not move
two minutes after the mail, at the diary's next minute."""
TYPING = 1.5
"""Seconds that a person needs for an answer in the platform's app: what comes at once is taken for the app's own."""
AT_ONCE = 60.0
"""Seconds, by recorded timestamps, within which a mail that came back must be in the fallback's mailbox."""


@dataclass
class Told:
    """A beat that was played, and what came of it."""

    beat: Beat
    post_id: str
    case: Case | None = None
    reply: Reply | None = None
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The post's key in the table."""
        source = f"{self.beat.place}/" if self.beat.channel == "generic" else ""
        return f"{self.beat.channel}:{source}{self.post_id}"


class Stage:
    """The running stack, as the demo drives it."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.simulator = told["simulator"]
        self.accounts = told["accounts"]
        self.endpoint = told["aws_endpoint"]
        self.services: Services = services_of(STACK)
        self.order: dict[str, int] = {}
        """The posts' keys, numbered as they were written."""

    def control(self, name: str, content: dict[str, Any]) -> dict[str, Any]:
        """A control call of the simulators."""
        answer = requests.post(f"{self.simulator}/control/{name}", json=content, timeout=60)
        if answer.status_code != 200:
            raise Failed(f"the simulators refused {name}: {answer.text[:300]}")
        told: dict[str, Any] = answer.json()
        return told

    def play(self, beat: Beat) -> Told:
        """Somebody writes."""
        for name, content in beat.before:
            self.control(name, content)
        author: dict[str, Any] = {"name": beat.who}
        request = {"channel": beat.channel, "kind": beat.kind, "author": author, "text": beat.text}
        request["account"] = self.accounts[beat.channel]
        post_id: str = self.control("post", {**request, **beat.post})["post_id"]
        for name, content in beat.after:
            if name == "native_reply":
                time.sleep(TYPING)
            filled = {key: post_id if value == "{post}" else value for key, value in content.items()}
            self.control(name, filled)
        told = Told(beat, post_id)
        self.order[told.key] = len(self.order)
        return told

    def look(self, told: Told) -> bool:
        """See what came of it; whether everything that was expected is there."""
        sent = requests.get(f"{self.simulator}/sent", timeout=30).json()
        table = self.services.table
        seen = table.get(keys.seen(told.key))
        if not isinstance(seen, Seen) or seen.case_id is None:
            return False
        case = table.get(keys.case(seen.case_id))
        reply = table.get(keys.reply(seen.case_id, seen.reply_id)) if seen.reply_id else None
        told.case = case if isinstance(case, Case) else None
        told.reply = reply if isinstance(reply, Reply) else None
        mine = (told.reply.platform_id or "").removeprefix(f"{told.beat.place}/") if told.reply is not None else None
        # Queues change the order of a burst; who reads it sees one answer below the last message.
        last = told.reply is not None and max(told.reply.post_keys, key=lambda key: self.order.get(key, -1)) == told.key
        told.answers = [each for each in sent if each["id"] == mine and last]
        settled = told.reply is None or not told.reply.open
        return settled and not problems(told)

    def mails(self) -> list[dict[str, Any]]:
        """All mails that were accepted, oldest first, as their mailboxes show them."""
        found: list[dict[str, Any]] = requests.get(f"{self.simulator}/mails", timeout=30).json()
        return found[::-1]

    def click(self, mail: dict[str, Any], action: str, form: dict[str, str]) -> None:
        """A branch opens the link of a mail that asks for ``action``, and presses the page's button."""
        url = next(link["url"] for link in mail["links"] if asked(link["url"]) == action)
        for page in (requests.get(url, timeout=60), requests.post(url, data=form, timeout=60)):
            if page.status_code != 200:
                raise Failed(f"the page of {action} answered {page.status_code}")


@dataclass
class Run:
    """An errand on its way: what the branch did, and what came of it."""

    errand: Errand
    told: Told
    mail: dict[str, Any] | None = None
    """The branch's own mail, once it has it."""
    given: Handoff | None = None
    later: list[dict[str, Any]] = field(default_factory=list)
    """The case's other mails."""
    thread: list[str] = field(default_factory=list)
    """What the customer reads under the post."""

    def go_on(self, stage: Stage) -> bool:
        """Do the next thing; whether it has ended as it must."""
        case = self.told.case
        if case is None or self.errand.branch not in case.handoffs:
            return False
        mails = [mail for mail in stage.mails() if str(mail["handoff"]).startswith(case.id)]
        if self.mail is None:
            self.mail = next((mail for mail in mails if mail["handoff"] == f"{case.id}-{self.errand.branch}"), None)
            if self.mail is None:
                return False
            if self.errand.bounces:
                self.mail = stage.control("mail/bounce", {"id": self.mail["id"]})
            for action, form in self.errand.clicks:
                stage.click(self.mail, action, form)
        self.later = [mail for mail in mails if mail["id"] != self.mail["id"]]
        given = stage.services.table.get(keys.handoff(case.id, self.errand.branch))
        self.given = given if isinstance(given, Handoff) else None
        sent = requests.get(f"{stage.simulator}/sent", timeout=30).json()
        self.thread = [each["text"] for each in sent if each["in_reply_to"] == self.told.post_id]
        return not self.problems()

    @property
    def further(self) -> dict[str, Any] | None:
        """The mail to whom a further one must go."""
        return next((mail for mail in self.later if mail["to"] == [self.errand.told]), None)

    @property
    def seconds(self) -> float | None:
        """From the branch's mail (or from its coming back) to the further one, by recorded timestamps."""
        if self.further is None or self.mail is None:
            return None
        back = [event["at"] for event in self.mail["events"] if event["kind"] == "Bounce"]
        began = datetime.fromisoformat(back[0] if back else self.mail["at"])
        return (datetime.fromisoformat(self.further["at"]) - began).total_seconds()

    def problems(self) -> list[str]:
        """What is not as the story has it."""
        errand, given = self.errand, self.given
        if self.mail is None or given is None:
            return [f"no mail to {errand.branch}"]
        found = []
        if given.stage != errand.stage:
            found.append(f"{given.stage} instead of {errand.stage}")
        if given.moved_to != errand.then:
            found.append(f"passed on to {given.moved_to or 'nobody'}")
        if errand.told is not None and self.further is None:
            found.append(f"no mail to {errand.told}")
        if errand.bounces and self.seconds is not None and self.seconds > AT_ONCE:
            found.append(f"{self.seconds:.0f} seconds until the fallback had it")
        if errand.stage == "done" and len(self.thread) < 2:
            found.append("the customer was not told that it is done")
        return found


def asked(url: str) -> str:
    """What a link of a branch's mail asks for ("" where it is none of ours); read, not believed."""
    token = url.partition("/branch/")[2]
    claims = URLSafeSerializer("").loads_unsafe(token)[1] if token else None
    return str(claims[2]) if isinstance(claims, list) else ""


def problems(told: Told) -> list[str]:
    """What is not as the story has it."""
    beat, case = told.beat, told.case
    if case is None:
        return ["no case"]
    found = []
    if len(told.answers) != beat.answers:
        found.append(f"{len(told.answers)} answers instead of {beat.answers}")
    if beat.lane is not None and (case.lane or "") != beat.lane:
        found.append(f"lane {case.lane or 'none'} instead of {beat.lane or 'none'}")
    if beat.branch is not None and beat.branch not in case.handoffs:
        found.append(f"not with {beat.branch}")
    reply = told.reply
    if told.answers and reply and reply.target and reply.settled_at and reply.settled_at > reply.target:
        found.append("answered late")
    return found


def decision(told: Told) -> str:
    """The situation that the answer was worded for, else the case's."""
    if told.reply is not None and told.reply.wording:
        return told.reply.wording.partition(".")[0]
    return told.case.situation if told.case else "-"


def seconds_taken(told: Told) -> str:
    """From the post to the answer, against the target, in seconds of recorded timestamps."""
    reply = told.reply
    if not told.answers or reply is None or reply.target is None:
        return "-"
    at = datetime.fromisoformat(told.answers[0]["at"])
    return f"{(at - reply.created_at).total_seconds():.0f} of {(reply.target - reply.created_at).total_seconds():.0f}"


def table(rows: list[list[str]]) -> str:
    """Columns of equal width."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def handed(run: Run) -> list[str]:
    """A handoff's line in the table: who has it, by whose clock it runs, how it ended, who was mailed and when."""
    branch = local_playbook().branch(run.errand.branch)
    return [
        run.told.case.ref if run.told.case else "-",
        run.errand.who,
        f"{run.errand.branch} ({branch.language})" if branch else run.errand.branch,
        branch.time_zone if branch else "-",
        "; ".join(run.problems()) or run.errand.outcome,
        ", ".join([run.mail["to"][0] if run.mail else "-", *([run.errand.told] if run.further else [])]),
        "-" if run.seconds is None else f"{run.seconds:.0f} s",
    ]


@click.command()
def main() -> None:
    """Start the local stack, tell the story, print what happened."""

    def say(text: str) -> None:
        click.echo(f"· {text}")

    ends = os.environ.get("DEMO_EXIT") == "1"
    try:
        stack = up(say)
        stage = Stage(stack)
        stage.control("reset", {})
        whole = tell(stage, say)
    except Failed as failure:
        click.echo(str(failure), err=True)
        whole = False
    if ends:
        down(say)
        sys.exit(0 if whole else 1)
    click.echo(f"\ntimeline  {stack['pages']['timeline']}\nmailbox   {stack['pages']['mailbox']}")
    click.echo("`make local-down` stops it.")


def tell(stage: Stage, say: Any) -> bool:
    """Play every beat, wait until all is settled, print the table; whether every expectation held."""
    played = []
    for number, beat in enumerate(STORY, 1):
        say(f"{number:2d}/{len(STORY)} {beat.who} on {beat.place}: {beat.text[:60]}")
        played.append(stage.play(beat))
    forged = stage.control(
        "forge", {"channel": "x", "author": {"name": "Mallory"}, "text": "@LumoraCare forged", "signature": "wrong"}
    )["status"]
    runs = [Run(errand, next(told for told in played if told.beat.who == errand.who)) for errand in ERRANDS]
    say("waiting for the last answers, and for what branches make of their mails")
    end = time.monotonic() + PATIENCE
    waiting, underway = list(played), list(runs)
    while (waiting or underway) and time.monotonic() < end:
        waiting = [told for told in waiting if not stage.look(told)]
        for run in [*underway]:
            if run.go_on(stage):
                say(f"{run.told.case.ref if run.told.case else '-'} to {run.errand.branch}: {run.errand.outcome}")
                underway.remove(run)
        time.sleep(1)  # the platforms and functions are other processes
    rows = [["who", "channel", "post", "case", "decision", "seconds", "lane", "branch", ""]]
    wrong = []
    for told in played:
        problem = "; ".join(problems(told))
        wrong += [f"{told.beat.who}: {problem}"] if problem else []
        case = told.case
        rows.append(
            [
                told.beat.who,
                told.beat.place,
                told.beat.text[:38],
                case.ref if case else "-",
                decision(told),
                seconds_taken(told),
                (case.lane if case else None) or "-",
                ", ".join(case.handoffs) if case and case.handoffs else "-",
                problem or told.beat.note,
            ]
        )
    for who in {told.beat.who for told in played if told.beat.one_case}:
        cases = {told.case.ref for told in played if told.case is not None and told.beat.who == who}
        wrong += [f"{who} is on {len(cases)} cases"] if len(cases) != 1 else []
    click.echo("\n" + table(rows) + "\n")
    tom = [told.answers[0]["text"] for told in played if told.beat.who == "Tom Reed" and told.answers]
    if len(set(tom)) != len(tom):
        wrong.append("Tom read the same words twice")
    click.echo(
        table([["case", "customer", "branch", "its clock", "outcome", "mailed to", "after"], *map(handed, runs)])
    )
    wrong += [f"{run.errand.who}: {problem}" for run in runs for problem in run.problems()]
    if forged not in (401, 403):
        wrong.append(f"a forged delivery was answered {forged}")
    click.echo(f"\na forged delivery was answered {forged}; {len(played)} posts, {len(wrong)} expectations missed")
    for each in wrong:
        click.echo(f"MISSED {each}")
    return not wrong


if __name__ == "__main__":
    main()
