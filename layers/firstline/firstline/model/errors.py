"""The errors of Firstline, told apart by what the caller should do."""

from __future__ import annotations


class FirstlineError(Exception):
    """Base of all errors that Firstline raises on purpose."""


class Forged(FirstlineError):
    """A delivery whose signature is missing, malformed or wrong: 401/403, counted, nothing stored."""


class Malformed(FirstlineError):
    """Input that can never be understood: record the reason (quarantine), do not retry."""


class Retry(FirstlineError):
    """Nothing is known to have happened: leave it to the queue, or try after ``after`` seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class UnknownForm(Retry):
    """Something was stored or sent in a form that this release cannot read, mostly by a later one before a rollback.

    It costs itself only: whoever reads many goes on without it, whoever needs it leaves the work to the queue. ``what``
    is the kind, ``why`` a field and what is wrong with it; neither tells of the content.
    """

    def __init__(self, what: str, why: str = "") -> None:
        super().__init__(f"unreadable_{what}")
        self.what = what
        self.why = why


class LostRace(FirstlineError):
    """Somebody else changed what the decision was based on: read again, decide again.

    Its text is logged, so it names a kind of record and never a key: keys hold people's ids and the codes of erasures.
    """


class Refused(FirstlineError):
    """An operation that the rules forbid: the reason is for the person who asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(Refused):
    """The thing that was named does not exist."""


class NotAllowed(Refused):
    """The person who asked does not have the role for it."""


def without_words(error: Exception) -> str:
    """An error as a log line may tell it: our own reason, else what kind it is; a library's text may quote anything."""
    own = str(error)[:80] if isinstance(error, FirstlineError) else ""
    return own or type(error).__name__


# What a platform (or SES) answered to an effect. Raised by channels and mail, decided on by operations.


class Outcome(FirstlineError):
    """Base: an effect outside did not (certainly) succeed. ``reason`` is a short snake_case word with the platform's
    code where there is one ("duplicate_text", "window_closed:131047"); never the platform's free text. ``usage`` is
    what the platform said about its limits beside the refusal (a channel's ``Usage``), None where it said nothing."""

    usage: object | None = None

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Permanent(Outcome):
    """Refused for good (deleted post, blocked, closed window, law): recorded, to an agent."""


POST_GONE = "post_gone"
"""The reason of a `Permanent` refusal when the platform certainly does not have the answered post any more."""


class Reword(Outcome):
    """Refused because the same words were used lately: say it in other words."""


class Wait(Outcome):
    """A limit is reached. ``after``: seconds until the platform takes calls again (None: not said). ``account_wide`` is
    false where the limit is one of this very person or post: then only this reply waits."""

    account_wide: bool = True


class AccountDown(Outcome):
    """The account's token or plan does not allow any call: park the account, raise the alarm."""


class Unclear(Outcome):
    """It may or may not have happened: ask the platform before trying again."""


class NotSent(Outcome):
    """Certainly did not happen (connection refused before a byte was sent): try again later."""
