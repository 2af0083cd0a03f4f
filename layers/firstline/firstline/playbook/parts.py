"""Who speaks, when, and how fast: the parts of a playbook about accounts, hours, targets, cases and branches."""

from __future__ import annotations

from datetime import date, time
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from firstline.model.base import Value

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""ISO 639 code in lower case: "en"."""
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Span = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""A part of a day, "08:00-18:00"; 24:00 is midnight at its end."""
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Minutes = Annotated[int, Field(gt=0)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise ValueError(f"no time zone is named {name!r}: write one like Europe/Berlin") from unknown
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


def minute_of_day(text: str) -> int:
    """ "08:30" -> 510; "24:00" -> 1440."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


class Brand(Value):
    """Who the brand is. ``team`` is the signature under every robot's word; ``language`` the one for all others."""

    name: str
    team: str
    language: Language
    privacy_url: str


class Account(Value):
    """One page or handle of the brand. Of several that a post names, the lowest ``answers_first`` answers (R11b).

    ``plan`` is what the brand has with the platform; on X self-serve a robot may answer only those who mention it, and
    over a generic source with ``people_only`` no robot speaks. A generic source's ``id`` is its name, which stands in
    its webhook's address. ``max_length`` is for a source that takes less text than the channel does.
    """

    id: str
    channel: Identifier
    handle: str | None = None
    name: str
    language: Language
    plan: Literal["self_serve", "enterprise", "people_only"] | None = None
    max_length: int | None = Field(default=None, ge=100)
    label: str | None = Field(default=None, min_length=1, max_length=40)
    """What people call a generic source ("Contact centre", "Mastodon"); else its id serves."""
    answers_first: int = 100


class Target(Value):
    """Within how many minutes. The narrowest that fits counts: highest ``priority_from``, then named hours, then
    account, then channel, then visibility. ``between`` is in the brand's time zone and may span midnight ("22:00-06:00").
    Nothing watches a target of the kind ``resolve``, which earlier releases took."""

    kind: Literal["acknowledge", "human", "resolve"]
    minutes: Minutes
    channel: str = "*"
    account: str = "*"
    visibility: Literal["public", "private", "*"] = "*"
    priority_from: int = Field(default=0, ge=0, le=100)
    between: Span | None = None

    def covers(self, clock: time) -> bool:
        """Whether a local time of day lies in ``between``."""
        if self.between is None:
            return True
        opens, closes = (minute_of_day(part) for part in self.between.split("-"))
        now = clock.hour * 60 + clock.minute
        return opens <= now < closes if opens <= closes else now >= opens or now < closes


class Hours(Value):
    """When people work, in their time zone. A day that is not named is closed, and so are holidays.

    ``country`` (ISO 3166: "DE") closes on its public holidays, ``subdivision`` ("BY") on that part's too; the package
    `holidays` knows them. ``holidays`` are closing days of one's own, ``open_on`` the public holidays on which people
    work all the same: the weekday's hours count then.
    """

    time_zone: TimeZone
    open: dict[Weekday, tuple[Span, ...]]
    country: str | None = None
    subdivision: str | None = None
    holidays: tuple[date, ...] = ()
    open_on: tuple[date, ...] = ()

    @field_validator("open")
    @classmethod
    def _spans_follow_each_other(cls, days: dict[Weekday, tuple[Span, ...]]) -> dict[Weekday, tuple[Span, ...]]:
        for day, spans in days.items():
            before = 0
            for span in sorted(spans):
                opens, closes = (minute_of_day(part) for part in span.split("-"))
                if opens >= closes:
                    raise ValueError(f"{day} {span} closes before it opens: write two spans that meet at midnight")
                if opens < before:
                    raise ValueError(f"{day} {span} begins before the span ahead of it ends: write them as one")
                before = closes
        if not any(days.values()):
            raise ValueError("never open: write at least one day with hours, such as mon: ['08:00-18:00']")
        return days

    @field_validator("subdivision")
    @classmethod
    def _is_part_of_a_country(cls, part: str | None, info: ValidationInfo) -> str | None:
        if part and not info.data.get("country"):
            raise ValueError(f"{part} of no country: write country: beside it, such as DE")
        return part

    @field_validator("open_on")
    @classmethod
    def _days_are_told_once(cls, days: tuple[date, ...], info: ValidationInfo) -> tuple[date, ...]:
        if both := sorted({*info.data.get("holidays", ())} & {*days}):
            raise ValueError(f"{both[0]} is in the closing days, too: write it in one of them")
        return days

    def spans(self, day: date) -> tuple[tuple[int, int], ...]:
        """The opening spans of a date in minutes of the day, in order; none on holidays."""
        texts = self.open.get(WEEKDAYS[day.weekday()], ())
        if not texts or day in self.holidays or self._is_public_holiday(day):
            return ()
        return tuple(sorted((minute_of_day(t[:5]), minute_of_day(t[6:])) for t in texts))

    def _is_public_holiday(self, day: date) -> bool:
        if self.country is None or day in self.open_on:
            return False
        try:
            return day in public_holidays(self.country, self.subdivision, day.year)
        except ValueError:  # checked when it was published; a library that forgot a country must not stop posts
            return False


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year. Raises `ValueError` "what is wrong: write what" for unknown names."""
    import holidays  # here, since it takes 130 ms and only those who name a country need it

    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:
        pass
    try:
        parts = holidays.country_holidays(country).subdivisions
    except NotImplementedError:
        raise ValueError(f"no holidays are known for {country!r}: write an ISO 3166 code, such as DE or GB") from None
    known = ", ".join(parts) or "nothing, since holidays are the same everywhere"
    raise ValueError(f"{country} has no part {subdivision!r}: write {known}")


Disposition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
DISPOSITIONS = (
    *("answered", "solved", "helped", "repaired", "replaced", "refunded", "visit_arranged", "passed_on"),
    *("no_answer", "duplicate", "nothing_to_do"),
)
ERASED = "erased"


class CaseRules(Value):
    """How posts become cases, and when untouched work moves."""

    window_hours: int = Field(default=72, gt=0)
    """A post joins the author's open case within this time of the case's last post."""
    reopen_days: int = Field(default=7, gt=0)
    claim_minutes: Minutes = 15
    """Claimed work that is not touched for so long goes back."""
    back_to_holder_minutes: Minutes = 30
    """The customer's answer is for so long, in the brand's opening hours, for the person who asked; then for all."""
    requeue_minutes: Minutes = 60
    """Work that nobody claims for so long is issued again; less than the lanes keep messages."""
    conversation_minutes: Minutes = 240
    """After a person of the brand spoke, no robot does for so long (R11a)."""
    watch_hours: int = Field(default=72, gt=0)
    dispositions: tuple[Disposition, ...] = Field(default=DISPOSITIONS, min_length=1)
    """How a case can end, in the words that agents resolve it with; no other word is taken."""

    @field_validator("dispositions")
    @classmethod
    def _none_is_an_erasures(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if any(word.casefold() == ERASED for word in words):
            raise ValueError(f"only an erasure closes a case as {ERASED}: write another word")
        return words

    def disposition(self, said: str) -> str | None:
        """The word of the list that was said, in any case; None if it is not there."""
        return next((word for word in self.dispositions if word.casefold() == said.strip().casefold()), None)


class HandoffRules(Value):
    """What a branch is asked for and what happens when it stays silent; minutes in its own opening hours (R48)."""

    accept_minutes: Minutes = 240
    contact_minutes: Minutes = 600
    remind_after: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.5, 0.9)
    """Shares of the target that runs (accept, then contact) after which the branch is reminded."""
    retry_minutes: Minutes = 240
    """A customer who did not answer is tried again after so long, unless the branch names a day."""
    done_minutes: Minutes = 1440
    """By then, once the customer was contacted, the branch is to say that it is done."""
    escalate_after_accept_minutes: Minutes = 60
    """So long after a missed target the region's desk gets the handoff."""
    return_to_agents_after_minutes: Minutes = 240
    """So long after the escalation, in the desk's hours, agents get the case back."""
    update_mail_hours: int = Field(default=24, gt=0)
    """Later posts are mailed at most once in so many hours; the page has them at once (R46)."""
    digest_weekday: Weekday = "mon"
    digest_time: TimeOfDay = "08:00"
    """With ``digest_weekday``: when the weekly digest is mailed, in the branch's time zone."""
    link_days: int = Field(default=14, gt=0, le=90)
    """How long a mail's links can act."""
    page_rate_per_minute: int = Field(default=30, gt=0)
    """Requests that one link may make; more are refused for the rest of the minute."""
    acts_per_hour: int = Field(default=12, gt=0)
    """What a branch may do with one handoff in an hour, over all its links and mails, before its words must wait."""
    words_per_hour: int = Field(default=3, gt=0)
    """Messages to the customer among them."""
    approve_words: Literal["first_public", "every_public", "all"] = "first_public"
    """Which of a branch's words to the customer an agent reads before they go out: public ones until one of the handoff
    was let through, every public one, or private ones, too."""

    @field_validator("remind_after")
    @classmethod
    def _reminders_come_in_order(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if list(shares) != sorted(set(shares)):
            raise ValueError("reminders are not in order: write rising shares, such as [0.5, 0.9]")
        return shares


class Region(Value):
    """Several branches; ``desk`` is the branch that takes what no other branch of the region can be found for.

    ``countries`` (ISO 3166) are those whose towns its branches serve: `firstline branches locate` looks there.
    """

    id: Identifier
    name: str
    places: tuple[str, ...] = ()
    """Names of the country or area as customers write them, in any language."""
    countries: tuple[str, ...] = ()
    languages: tuple[Language, ...]
    desk: Identifier


class Branch(Value):
    """A place of the brand with people who act on site.

    ``places``: towns it serves, as customers write them. ``postal_codes``: patterns ("M*", "46*"); ``products``: ids
    of the product groups it handles (empty: all). ``language`` is that of its mails. Coordinates in decimal degrees.
    ``nearby``: towns that no branch lists and that are nearest to it, as `firstline branches locate` writes them; they
    count only where the post says that something is there ("in Wakefield").
    """

    id: Identifier
    name: str
    region: Identifier
    places: tuple[str, ...] = ()
    store_ids: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()
    nearby: tuple[str, ...] = ()
    products: tuple[Identifier, ...] = ()
    languages: tuple[Language, ...]
    language: Language
    hours: Hours
    email: str
    escalation_email: str
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)

    @property
    def time_zone(self) -> str:
        return self.hours.time_zone

    @field_validator("email", "escalation_email")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        local, at, domain = address.partition("@")
        if not (local and at and "." in domain) or any(c.isspace() or c in "<>,;" for c in address):
            raise ValueError("not a mail address: write one like repairs.leeds@example.com, without name or brackets")
        return address
