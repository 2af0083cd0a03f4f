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

from firstline.model.case import Case
from firstline.model.records import Seen
from firstline.model.reply import Reply
from firstline.operations.services import Services
from firstline.table import keys
from infra.ops.stack import services_of

from .stack import STACK, Failed, down, up
from .story import STORY, Beat

PATIENCE = 150.0
"""Seconds after which what has not happened is taken as not happening."""


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
        return f"{self.beat.channel}:{self.post_id}"


class Stage:
    """The running stack, as the demo drives it."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.simulator = told["simulator"]
        self.accounts = told["accounts"]
        self.endpoint = told["aws_endpoint"]
        self.services: Services = services_of(STACK)

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
        request = {"channel": beat.channel, "kind": beat.kind, "author": author, "text": beat.text, **beat.post}
        post_id: str = self.control("post", {**request, "account": self.accounts[beat.channel]})["post_id"]
        for name, content in beat.after:
            filled = {key: post_id if value == "{post}" else value for key, value in content.items()}
            self.control(name, filled)
        return Told(beat, post_id)

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
        mine = told.reply.platform_id if told.reply is not None else None
        last = told.reply is not None and told.reply.post_keys[-1] == told.key
        told.answers = [each for each in sent if each["id"] == mine and last]
        settled = told.reply is None or not told.reply.open
        return settled and not problems(told)

    def mails(self) -> str:
        """All mails that were accepted, as text."""
        return requests.get(f"{self.endpoint}/_ministack/ses/messages", timeout=30).text


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
        say(f"{number:2d}/{len(STORY)} {beat.who} on {beat.channel}: {beat.text[:60]}")
        played.append(stage.play(beat))
    forged = stage.control(
        "forge", {"channel": "x", "author": {"name": "Mallory"}, "text": "@LumoraCare forged", "signature": "wrong"}
    )["status"]
    say("waiting for the last answers")
    end = time.monotonic() + PATIENCE
    waiting = list(played)
    while waiting and time.monotonic() < end:
        waiting = [told for told in waiting if not stage.look(told)]
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
                told.beat.channel,
                told.beat.text[:38],
                case.ref if case else "-",
                decision(told),
                seconds_taken(told),
                (case.lane if case else None) or "-",
                ", ".join(case.handoffs) if case and case.handoffs else "-",
                problem or told.beat.note,
            ]
        )
    click.echo("\n" + table(rows) + "\n")
    tom = [told.answers[0]["text"] for told in played if told.beat.who == "Tom Reed" and told.answers]
    if len(set(tom)) != len(tom):
        wrong.append("Tom read the same words twice")
    mails = stage.mails()
    for branch in ("milano", "berlin"):
        if f"{branch}@branches.lumora.example" not in mails:
            wrong.append(f"no mail to {branch}")
    if forged not in (401, 403):
        wrong.append(f"a forged delivery was answered {forged}")
    click.echo(f"a forged delivery was answered {forged}; {len(played)} posts, {len(wrong)} expectations missed")
    for each in wrong:
        click.echo(f"MISSED {each}")
    return not wrong


if __name__ == "__main__":
    main()
