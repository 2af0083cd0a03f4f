"""One entry of a delivery: whose account it is about, and the names of the events that are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...model.events import AccountNotice, Ignored
from .. import reading


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry says about all that is in it. ``time`` is when the notice was sent, not when it happened."""

    account: str
    accounts: Mapping[str, str]
    time: Any

    def owns(self, user_id: str | None) -> bool:
        """Whether the user is the page itself, or another of the brand's."""
        return user_id is not None and (user_id == self.account or user_id in self.accounts)

    def ignored(self, channel: str, reason: str, value: Any) -> Ignored:
        """An ignored event, named by its content."""
        return Ignored(key=f"{channel}~{reading.digest(reason, self.account, self.time, value)}", reason=reason)

    def notice(self, channel: str, reason: str, value: Any) -> AccountNotice:
        """A notice about the account, named by its content."""
        key = f"{channel}~{reading.digest(reason, self.account, self.time, value)}"
        return AccountNotice(key=key, channel=channel, account=self.account, reason=reason)
