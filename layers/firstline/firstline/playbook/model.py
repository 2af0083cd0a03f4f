"""The playbook: a brand's policy as data (R60), frozen in use.

What people write is YAML of this shape (docs/playbook.md); what functions read is the same as JSON.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator

from firstline.model.base import Value

from .mail import MailTexts
from .parts import Account, Branch, Brand, CaseRules, HandoffRules, Hours, Language, Region, Target
from .rules import Answer, Approvals, Asks, PublicData, RetentionDays, Rules, Times

CHANNEL_NAMES = {
    "x": "X",
    "facebook": "Facebook",
    "messenger": "Messenger",
    "whatsapp": "WhatsApp",
    "instagram": "Instagram",
}
PLACEHOLDERS = frozenset({"name", "ref", "when", "ask", "branch", "team"})
"""What a wording may ask for. ``name`` and ``ask`` may be empty and then vanish with their comma or space; ``ask`` is
a whole sentence; ``when`` says by when or when we are back, with its preposition ("by 14:30 today")."""

ANSWERS = (
    "safety",
    "personal_data",
    "handed_to_branch",
    "repeated",
    "first",
    "praise",
    "house_rules",
    "private_reply",
    "chat_first",
    "chat_repeated",
    "opt_out_confirmed",
)
"""Situations that have an answer of their own."""
ADD_ONS = ("also_personal_data", "also_handed_to_branch", "also_safety", "promise_missed")
"""Sentences that are said beside an answer."""
UPDATES = ("branch_accepted", "branch_contacted", "branch_done", "branch_tried", "branch_agreed", "branch_moved")
"""What the customer is told later about a handoff; without wordings it is not said."""
SITUATIONS = ANSWERS + ADD_ONS
FEWEST_WORDINGS = 6
FEWEST_UPDATES = 3

TargetKind = Literal["acknowledge", "human"]

DEFAULT_TARGETS = (
    Target(kind="acknowledge", channel="x", visibility="public", minutes=15),
    Target(kind="acknowledge", visibility="public", minutes=60),
    Target(kind="acknowledge", visibility="private", minutes=5),
    Target(kind="human", minutes=120),
    Target(kind="human", visibility="private", minutes=60),
    Target(kind="human", priority_from=70, minutes=30),
)
"""Used where the playbook names no target that fits (R20)."""


class Playbook(Value):
    """A brand's whole policy.

    ``wordings``: situation -> language -> texts; the id of a text is ``situation.language.n`` with n from 0.
    ``explanations``: language -> the sentence, in that language, that we answer in the brand's language.
    ``mail``: kind -> language -> sentence -> text of the mails to branches, where it differs from what is shipped.
    """

    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    brand: Brand
    accounts: tuple[Account, ...] = Field(min_length=1)
    hours: Hours
    targets: tuple[Target, ...] = ()
    hold_back_seconds: int = Field(default=60, ge=0, le=900)
    chat_pause_seconds: int = Field(default=45, ge=0, le=900)
    robot_cap_per_author_hour: int = Field(default=20, gt=0)
    case: CaseRules = CaseRules()
    handoff: HandoffRules = HandoffRules()
    rules: Rules
    regions: tuple[Region, ...] = ()
    branches: tuple[Branch, ...] = ()
    wordings: dict[str, dict[Language, tuple[str, ...]]]
    explanations: dict[Language, str] = {}
    asks: dict[Language, Asks]
    times: dict[Language, Times]
    mail: MailTexts = {}
    answers: tuple[Answer, ...] = ()
    public_data: PublicData = PublicData()
    approvals: Approvals = Approvals()
    retention_days: RetentionDays = RetentionDays()

    @field_validator("accounts")
    @classmethod
    def _accounts_differ(cls, accounts: tuple[Account, ...]) -> tuple[Account, ...]:
        keys = [(a.channel, a.id) for a in accounts]
        if len(set(keys)) < len(keys):
            raise ValueError("two accounts have the same channel and id: write each once")
        return accounts

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have wordings, the brand's own first."""
        others = sorted(set(self.wordings.get("first", {})) - {self.brand.language})
        return (self.brand.language, *others)

    @property
    def zone(self) -> ZoneInfo:
        """The brand's time zone."""
        return ZoneInfo(self.hours.time_zone)

    def account(self, channel: str, id: str) -> Account | None:
        """The account, or None if it is not the brand's."""
        return next((a for a in self.accounts if (a.channel, a.id) == (channel, id)), None)

    def channel_name(self, channel: str, account: str) -> str:
        """What people call the channel, or a generic source: "Facebook", "Contact centre"."""
        found = self.account(channel, account)
        if channel in CHANNEL_NAMES:
            return CHANNEL_NAMES[channel]
        if found is not None and (found.label or account == channel):
            return found.label or found.name
        return account.replace("-", " ").replace("_", " ").capitalize()

    def accounts_on(self, channel: str) -> tuple[Account, ...]:
        """The brand's accounts on a channel, in the order in which they answer."""
        return tuple(sorted((a for a in self.accounts if a.channel == channel), key=lambda a: a.answers_first))

    def branch(self, id: str) -> Branch | None:
        return next((b for b in self.branches if b.id == id), None)

    def region(self, id: str) -> Region | None:
        return next((r for r in self.regions if r.id == id), None)

    def target(
        self,
        kind: TargetKind,
        channel: str,
        visibility: Literal["public", "private"],
        priority: int = 0,
        at: datetime | None = None,
        account: str | None = None,
    ) -> int:
        """The target in minutes; ``at`` (any zone) chooses between targets that differ by hour."""
        clock = at.astimezone(self.zone).time() if at else None

        def fits(target: Target) -> bool:
            return (
                target.kind == kind
                and target.channel in ("*", channel)
                and target.account in ("*", account)
                and target.visibility in ("*", visibility)
                and priority >= target.priority_from
                and (target.between is None or (clock is not None and target.covers(clock)))
            )

        def narrowness(target: Target) -> tuple[int, bool, bool, bool, bool]:
            named = (target.between is not None, target.account != "*", target.channel != "*", target.visibility != "*")
            return (target.priority_from, *named)

        fitting = [t for t in self.targets if fits(t)] or [t for t in DEFAULT_TARGETS if fits(t)]
        return max(fitting, key=narrowness).minutes

    def texts(self, situation: str, language: str) -> dict[str, str]:
        """Text by id of a situation in a language; empty if there is none."""
        texts = self.wordings.get(situation, {}).get(language, ())
        return {f"{situation}.{language}.{n}": text for n, text in enumerate(texts)}
