"""What must hold at the end of every story, whatever went wrong on the way (R70)."""

from __future__ import annotations

import re
from collections import Counter
from email import message_from_string

from firstline.model.handoff import BranchMail, Handoff
from firstline.model.records import Erasure, StoredPost
from firstline.model.reply import Reply
from firstline.table import keys
from infra.local.simulators.store import Entry
from tests.world import World

from .stories import ERASURE

FIRST_ANSWER = re.compile(r"\(\w+ \w\w\)")
"""The tests' playbook names the situation and the language in each robot's answer, in brackets unless it is an update."""
WAY_OUT = "List-Unsubscribe:"
"""Only digests have one."""


def differences(world: World) -> list[str]:
    """Everything that is not as it must be; empty when all is well."""
    found: list[str] = []
    cases = {case.id: case for case in world.cases()}
    posts, replies, handoffs, later = [], [], [], []
    for case in cases.values():
        for record in world.records(case.id):
            if isinstance(record, StoredPost):
                posts.append(record)
            elif isinstance(record, Reply):
                replies.append(record)
            elif isinstance(record, Handoff):
                handoffs.append(record)
            elif isinstance(record, BranchMail):
                later.append(record)
    customers = [
        each
        for each in world.x.store.of("x", "facebook", "messenger", "whatsapp", "generic", "instagram")
        if each.writer == "customer"
    ]
    kept = Counter(_there(post.post.post_id) for post in posts)
    found += [f"post {each.id} is on {kept[each.id]} cases" for each in customers if kept[each.id] != 1]

    found += _words(world, replies, customers)

    by_id = {reply.id: reply for reply in replies}
    for post in posts:
        reply = by_id.get(post.reply_id or "")
        case = cases[post.case_id]
        with_person = case.work_id is not None or case.holder is not None or post.answered_at is not None
        if post.erased:
            continue
        if post.silence is None and (reply is None or reply.state != "sent") and not with_person:
            found.append(f"{post.key} has no outcome: {reply.state if reply else 'no reply'}, case {case.status}")
    found += [f"{reply.id} is still {reply.state}" for reply in replies if reply.open]

    live = Counter(item["work_id"] for lane in ("urgent", "standard", "email") for item in world.lane(lane))
    for case in cases.values():
        if case.work_id is not None and not live[case.work_id]:
            found.append(f"{case.ref} waits, and no message in a lane says so")
    wish = world.services.table.get(keys.erasure(ERASURE))
    if isinstance(wish, Erasure) and (wish.state != "done" or posts_left(world)):
        found.append(f"the erasure is {wish.state}, {posts_left(world)} texts are left")
    found += _mails(world, handoffs, later)
    for given in handoffs:
        case = cases[given.case_id]
        nobody = case.work_id is None and case.holder is None
        if given.open or (given.stage == "returned" and nobody):
            found.append(f"handoff to {given.id} is {given.state}, {given.stage}, and with nobody")
    return found


def posts_left(world: World) -> int:
    """How many texts are left on the cases."""
    records = [record for case in world.cases() for record in world.records(case.id)]
    return sum(
        1 for record in records if getattr(record, "text", None) or getattr(record, "post", None) and record.post.text
    )


def _words(world: World, replies: list[Reply], customers: list[Entry]) -> list[str]:
    """What was said, counted on the platforms where a customer sees it, whatever is recorded of it."""
    there = [each for each in world.sent() if each.status != "failed"]
    shown = Counter(map(_place, there))
    meant = {state: Counter(_aim(each) for each in replies if each.state == state) for state in ("sent", "refused")}
    found = []
    for place in shown | meant["sent"]:
        least, most = meant["sent"][place], meant["sent"][place] + meant["refused"][place]
        if not least <= shown[place] <= most:
            found.append(f"{shown[place]} answers {place}, recorded are {least} sent, {most - least} refused")
    asked = Counter(map(_place, customers)) + Counter({f"to {each.id}": 1 for each in customers})
    first = Counter(_place(each) for each in there if FIRST_ANSWER.search(each.text))
    found += [f"{count} first answers {place}" for place, count in first.items() if count > max(asked[place], 1)]
    said = Counter((_place(each), each.text) for each in there)
    return found + [f"said {count} times {place}: {text}" for (place, text), count in said.items() if count > 1]


def _place(said: Entry) -> str:
    """Where it is seen: below a post, in private about a post, or in the talks of an account."""
    if said.parent_id:
        return f"to {said.parent_id}"
    return f"about {said.subject_id}" if said.subject_id else f"in the talks of {said.channel} {said.account}"


def _aim(reply: Reply) -> str:
    """The place that a reply is for."""
    if reply.recipient:
        return f"in the talks of {reply.channel} {reply.account}"
    return f"{'about' if reply.kind == 'private_reply' else 'to'} {_there(reply.in_reply_to or '')}"


def _there(post_id: str) -> str:
    """The id as the platform or source knows it."""
    return post_id.rpartition("/")[2]


def _mails(world: World, handoffs: list[Handoff], later: list[BranchMail]) -> list[str]:
    """Each mail of a handoff goes out once at most, and none is left half sent."""
    playbook = world.services.playbooks.active()
    due: Counter[str] = Counter()
    for given in handoffs:
        branch = playbook.branch(given.id)
        assert branch is not None
        due[given.to or branch.email] += 1
    due.update(mail.to or mail.address for mail in later)
    weekly = [mail for mail in world.mails() if WAY_OUT in mail.raw_data]
    went = Counter(mail.destinations[0] for mail in world.mails() if WAY_OUT not in mail.raw_data)
    found = [f"{count} mails to {to}, {due[to]} were due" for to, count in went.items() if count > due[to]]
    weeks = Counter((mail.destinations[0], message_from_string(mail.raw_data)["Subject"]) for mail in weekly)
    found += [f"{count} digests {subject} to {to}" for (to, subject), count in weeks.items() if count > 1]
    return found + [f"{mail.id} is {mail.state}" for mail in later if mail.open]
