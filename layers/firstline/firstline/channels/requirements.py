"""What must be in place on the brand's accounts before robots may speak there (R25a): pure data, for `doctor` to check."""

from __future__ import annotations

from typing import NamedTuple

from ..model.law import Clause, Requirement
from ..playbook import Playbook
from ..playbook.parts import Account
from . import CHANNELS, adapter


class Required(NamedTuple):
    """One thing that the law of an account's platform wants, with the clause that says so."""

    account: Account
    requirement: Requirement
    clause: Clause


def required(playbook: Playbook) -> tuple[Required, ...]:
    """Everything that the platforms want of the playbook's accounts, in their order."""
    found = []
    for account in playbook.accounts:
        if account.channel in CHANNELS:
            platform = adapter(account.channel)
            found += [Required(account, each, platform.CLAUSES[each.clause]) for each in platform.REQUIREMENTS]
    return tuple(found)


def clauses(channel: str, names: tuple[str, ...]) -> tuple[Clause, ...]:
    """The clauses of these names on a channel, each with what it says, its source and its date."""
    known = adapter(channel).CLAUSES
    return tuple(known[name] for name in names if name in known)
