"""What the pages are made of."""

from __future__ import annotations

from datetime import date
from typing import Literal

from firstline.model.base import Instant, Value
from firstline.model.handoff import Action, Stage

from ..mailtext import HandoffMail

Notice = Literal[
    "unknown", "expired", "busy", "large", "method", "erasure_waits", "erasure_done", "erasure_unknown",
    "digest_off", "digest_stopped", "fresh_links",
]  # fmt: skip
"""Pages without a handoff: no such link, a link that is over, too much at once, too much in one form, another verb; how
far somebody's wish to be erased is; whether the weekly digest is wanted no more."""
Outcome = Literal["thanks", "already", "too_late"]
"""Of a posted form: it was done now, it had been done before, it can't be done any more."""
Delivery = Literal["waiting", "underway", "sent", "failed", "declined"]
"""What became of words to the customer; ``waiting`` for our team to read them, ``declined`` by it."""


class Problem(Value):
    """Why a form was not taken: the name of a sentence, and what it is about."""

    sentence: str
    what: str = ""


class Doing(Value):
    """A step that is shown: who is a name for people, None for what happened by itself. ``words`` are the branch's."""

    at: Instant
    what: str
    who: str | None = None
    words: str = ""
    delivery: Delivery | None = None


class ActionPage(Value):
    """A page about one handoff. ``mail`` is what the branch's mail shows of it, nothing more.

    ``forms``: the token for each action that can be taken here, in order of use; ``asked`` says that the first of them is
    what the link is for. ``taken_by`` is the first name of who has it there, ``today`` the branch's. ``outcome`` of what was posted; ``problems`` why it was not taken, then ``typed`` are the fields as they were
    typed. ``branches`` are the names of where it may belong. ``once`` makes a form that is sent twice the same.
    """

    mail: HandoffMail
    action: Action
    stage: Stage
    closed: bool = False
    asked: bool = False
    taken_by: str = ""
    agreed_for: date | None = None
    next_try: Instant | None = None
    today: date
    moved_to: str = ""
    forms: dict[Action, str] = {}
    acted: Action | None = None
    outcome: Outcome | None = None
    problems: tuple[Problem, ...] = ()
    typed: dict[str, str] = {}
    steps: tuple[Doing, ...] = ()
    branches: tuple[str, ...] = ()
    once: str = ""
    read_first: bool = False
    """Whether our team reads words to the customer before they go out."""
