"""The switch of all automatic words: acknowledgements, notices and outcomes of handoffs, confirmed opt-outs.

It is read where a reply is about to be sent, in the same round as everything else that is decided on, so it holds from the
moment in which it is committed. What the robot may not say any more becomes an agent's work and stays it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from .. import channels
from ..model.errors import LostRace, Refused, Retry
from ..model.records import RobotSwitch
from ..model.reply import Reply
from ..playbook import Account, Playbook
from ..table import Record, keys
from ..table.keys import Key
from . import emit
from .audit import act

if TYPE_CHECKING:
    from .services import Services
    from .snapshot import Snapshot

ALL = "all"
RACES = 5
MOST_WOKEN = 500
"""Of one outbox so many waiting replies are woken in a minute."""


def about(channel: str, account: str) -> str:
    """The name of an account's switch."""
    return f"{channel}:{account}"


def switch_keys(channel: str, account: str) -> tuple[Key, ...]:
    """The switches that count for an account."""
    return keys.robot_switch(ALL), keys.robot_switch(about(channel, account))


def switched_off(snapshot: Snapshot, channel: str, account: str) -> bool:
    """Whether automatic words are switched off for the account, or for all."""
    found = (snapshot.get(RobotSwitch, key) for key in switch_keys(channel, account))
    return any(each is not None and each.off for each in found)


def accounts_named(name: str, playbook: Playbook) -> list[Account]:
    """The playbook's accounts of that name: an id, a handle with or without ``@``, or ``channel:id``."""
    bare = name.removeprefix("@").casefold()
    found = [
        each
        for each in playbook.accounts
        if bare in (each.id.casefold(), (each.handle or "").casefold(), about(each.channel, each.id).casefold())
    ]
    if not found:
        raise Refused(f"the playbook knows no account {name}")
    return found


def switches(services: Services) -> list[RobotSwitch]:
    """All that are off now."""
    named = [about(each.channel, each.id) for each in services.playbooks.active().accounts]
    found = services.table.read(keys.robot_switch(each) for each in (ALL, *named))
    return [each for each in found.values() if isinstance(each, RobotSwitch) and each.off]


def switch(off: bool, account: str | None, by: str, why: str, services: Services) -> list[str]:
    """Switch automatic words off or on, for one account or (None) for all; what changed. On for all is on for each."""
    if not why.strip():
        raise Refused("say why")
    for _ in range(RACES):
        try:
            return _switch(off, account, by, why, services)
        except LostRace:
            continue
    raise Retry("contended")


def _switch(off: bool, account: str | None, by: str, why: str, services: Services) -> list[str]:
    playbook, now = services.playbooks.active(), services.clock()
    off_now = {each.about for each in switches(services)}
    if account is not None:
        if not off and ALL in off_now:
            raise Refused("robots are off for all accounts: firstline robots on")
        wanted = {about(each.channel, each.id) for each in accounts_named(account, playbook)}
    else:
        wanted = {ALL} if off else off_now
    changed = sorted(wanted - off_now if off else wanted & off_now)
    known = services.table.read(keys.robot_switch(each) for each in changed)
    records: list[Record] = []
    for each in changed:
        before = known.get(keys.robot_switch(each))
        version = before.version if isinstance(before, RobotSwitch) else 0
        records.append(RobotSwitch(about=each, off=off, at=now, by=by, why=why, version=version))
        records.append(act(now, "robots_off" if off else "robots_on", by=by, about=each, why=why))
    if records:
        services.table.commit(records, now)
    return changed


def hand_over_what_waits(services: Services) -> None:
    """Wake what stands in an outbox over an account whose robots are off: it is decided again, and becomes an agent's work.
    What still waits for something else is woken when that is over."""
    off = {each.about for each in switches(services)}
    services.count("RobotsOff", value=len(off))
    for account in services.playbooks.active().accounts if off else ():
        if ALL in off or about(account.channel, account.id) in off:
            _wake(account, services)


def _wake(account: Account, services: Services) -> None:
    now = services.clock()
    for endpoint in channels.adapter(account.channel).limits:
        rows = services.table.outbox(account.channel, account.id, endpoint, now)
        waiting = services.table.read(row.key for row in islice(rows, MOST_WOKEN)).values()
        robots = [each for each in waiting if isinstance(each, Reply) and each.robot and each.in_line]
        services.queues.send([message for each in robots for message in emit.nudge(each, now, services)])
