"""Branches' mailboxes that take no mail: which they are, and a person's word that they do again (R48)."""

from __future__ import annotations

from ..decide.weekly import next_digest
from ..model.digest import Digest
from ..model.errors import NotFound
from ..model.records import BranchMailbox
from ..table import Record, keys
from .services import Services


def closed(services: Services) -> list[BranchMailbox]:
    """The mailboxes of the active playbook's branches that bounced or complained, in the playbook's order."""
    branches = services.playbooks.active().branches
    found = services.table.read(keys.branch_mailbox(branch.id) for branch in branches).readable
    boxes = (found.get(keys.branch_mailbox(branch.id)) for branch in branches)
    emails = {branch.id: branch.email for branch in branches}
    return [box for box in boxes if isinstance(box, BranchMailbox) and box.closed(emails[box.branch])]


def confirm(branch_id: str, who: str, services: Services) -> bool:
    """The branch's address works: it is mailed again, its digest too. Whether that changed anything.

    Raises `NotFound` when there is no such branch, `LostRace` when something happened to it meanwhile.
    """
    playbook, now = services.playbooks.active(), services.clock()
    branch = playbook.branch(branch_id)
    if branch is None:
        raise NotFound(f"there is no branch {branch_id}")
    box_key, digest_key = keys.branch_mailbox(branch_id), keys.digest(f"branch-{branch_id}")
    found = services.table.read([box_key, digest_key])
    box, digest = found.get(box_key), found.get(digest_key)
    changed: list[Record] = []
    if isinstance(box, BranchMailbox) and box.closed_at is not None:
        changed.append(box.confirmed(who, now))
    if isinstance(digest, Digest) and digest.state == "stopped":
        due_at = next_digest(playbook.handoff, branch.time_zone, now)
        changed.append(digest.over(now, due_at, sent=False))
    if changed:
        services.table.commit(changed, now)
    return bool(changed)
