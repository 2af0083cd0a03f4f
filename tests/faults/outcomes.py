"""What must hold at the end of every story, whatever went wrong on the way (R70)."""

from __future__ import annotations

from collections import Counter
from email import message_from_string

from firstline.model.handoff import BranchMail, Handoff
from firstline.model.records import Erasure, StoredPost
from firstline.model.reply import Reply
from firstline.table import keys
from tests.world import World

from .stories import ERASURE

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

    robots = {_there(reply.platform_id or "") for reply in replies if reply.robot and reply.kind == "acknowledgement"}
    answered = Counter(each.parent_id or each.to for each in world.sent() if each.id in robots or not robots)
    found += [f"{count} robot answers to {post}" for post, count in answered.items() if count > 1]
    said = Counter((each.parent_id or each.subject_id or each.to, each.text) for each in world.sent())
    found += [f"said {count} times to {where}" for (where, _), count in said.items() if count > 1]

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
