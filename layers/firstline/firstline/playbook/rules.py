"""What words mean, what weighs how much, what must never be said: the playbook's rules and wordings.

Word lists (`Words`) are matched without case, at word borders, in any order of languages; a ``*`` at the start or end
of an entry stands for any letters ("brenn*"), and an entry may be several words ("on fire").
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from firstline.model.base import Value

from .parts import Identifier, Language

Words = dict[Language, tuple[str, ...]]
"""Words per language."""


class AbuseRules(Value):
    """Insults. What happens when there is nothing but insults: the house rules are said, or nothing is."""

    words: Words
    policy: Literal["house_rules", "silence"] = "silence"


class SpamRules(Value):
    """Plain spam. ``phrases`` are enough alone; ``hints`` need a link or a second hint beside them."""

    phrases: Words
    hints: Words = {}
    max_hashtags: int = Field(default=6, gt=0)


class Influence(Value):
    """From so many followers on, so many points. Attention only: everybody is answered."""

    followers: int = Field(ge=0)
    points: int = Field(ge=0)


class PriorityWeights(Value):
    """Points towards a priority of 0 to 100."""

    base: int = 10
    severity: dict[Literal["1", "2", "3"], int] = {"1": 15, "2": 35, "3": 90}
    upset: int = 8
    abusive: int = 8
    per_earlier_post: int = 6
    most_for_posts: int = 30
    influence: tuple[Influence, ...] = ()
    verified: int = 3
    per_hour_waiting: int = 2
    most_for_waiting: int = 20
    broken_promise: int = 20
    personal_data: int = 10
    field_level: int = 8
    channels: dict[str, int] = {}
    """Points per channel; 0 unless named, since every channel has equal care (R30)."""


class LaneRules(Value):
    """Which lane a person's work goes to. E-mail agents take the named languages, when nobody else speaks them."""

    urgent_from_priority: int = Field(default=70, ge=0, le=100)
    email_languages: tuple[Language, ...] = ()
    email_below_priority: int = Field(default=50, ge=0, le=100)
    """Never what is at or above this priority: a mailbox is read later than a lane."""


class ProductGroup(Value):
    """A kind of product with the words by which customers name it."""

    id: Identifier
    words: Words


class FieldRules(Value):
    """When a branch must act: somebody has to come, deliver, repair or hand over on site."""

    words: Words
    introductions: Words = {}
    """Words after which a person's name follows, which may be a town's: "my name is", "Herr"."""


class PersonalDataRules(Value):
    """The brand's own kinds of numbers, as regular expressions, and words that make a line a postal address."""

    order_number: tuple[str, ...] = ()
    customer_number: tuple[str, ...] = ()
    street_words: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    """ISO countries ("GB") whose phone numbers are found when written without a country code."""


class PublicData(Value):
    """The brand's own numbers, mail addresses and places: public, never taken for a person's (R23)."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    """Addresses, or whole domains as "@example.com"."""
    addresses: tuple[str, ...] = ()
    domains: tuple[Annotated[str, StringConstraints(pattern=r"^([^\s./@:]+\.)+[^\s./@:]+$")], ...] = ()
    """Names of the brand's own sites ("example.com", with all below it): the only ones that a branch may link to."""


class Voice(Value):
    """What neither a wording nor an agent may say. ``forbidden`` nowhere; ``public_forbidden`` not in public."""

    forbidden: Words = {}
    public_forbidden: Words = {}
    """Compensation and liability."""


class Rules(Value):
    """All word lists and weights by which a post is understood."""

    safety: Words
    """Gas, fire, smoke, shock, injury: always urgent, in whatever language the rest of the post seems to be."""
    harmless: Words = {}
    """Phrases in which a word of danger is none: "gas bill", "smoking hot deal"."""
    severity: dict[Language, dict[str, Literal[1, 2]]]
    """Words of damage and failure: 1 is a nuisance, 2 is serious. (3 is safety.)"""
    negative: Words
    praise: Words
    sarcasm: Words
    """Markers that make praise doubtful: "great job breaking", "slow clap"."""
    contrast: Words = {}
    """Words after which praise is not the whole story: "but", "unfortunately"."""
    requests: Words = {}
    """Words that want something without a question mark: "please", "I need", "thanks in advance"."""
    topics: Words = {}
    """Words of a genuine concern (delivery, refund, queue): a post with one of them has a point."""
    opt_out: Words = {}
    """The whole message, give or take a mention, beside the words that are shipped (wishes.py): "stop"."""
    opt_in: Words = {}
    """The same for its end: "start"."""
    reach_limit: int | None = Field(default=None, gt=0)
    """A post that only mentions the brand becomes a case from so many followers of its author, or so many people
    reached, on (R31). None: reach makes no case."""
    helped: Words = {}
    """Answers to "did it help?" that say yes; they count only when it was asked."""
    not_helped: Words = {}
    """Answers that say no."""
    since: Words = {}
    """Words that say since when: then it is not asked."""
    abuse: AbuseRules
    spam: SpamRules
    priority: PriorityWeights = PriorityWeights()
    lanes: LaneRules = LaneRules()
    field: FieldRules
    products: tuple[ProductGroup, ...] = ()
    personal_data: PersonalDataRules = PersonalDataRules()
    voice: Voice = Voice()


class Asks(Value):
    """The one question that helps most, as whole sentences."""

    product: str
    place: str
    since: str


class Times(Value):
    """How the next update's time is said; ``{time}`` and ``{day}`` are filled in the language's own format."""

    today: str
    tomorrow: str
    day: str
    closed_today: str
    """When it is closed now and open later on the same day."""
    closed_tomorrow: str
    closed_day: str


class Answer(Value):
    """A known answer (R52): the information itself, where the words fit."""

    id: Identifier
    when: Words
    texts: dict[Language, str]
    made_by: dict[Language, Literal["machine_translation", "generated_text"]] = {}
    """Texts that no person wrote: a robot says them only where `approvals` grants it."""


class Approvals(Value):
    """What needs somebody's, or the platform's, consent first; all off unless granted (R25a)."""

    machine_translation: bool = False
    generated_text: bool = False
    links: bool = False


class RetentionDays(Value):
    """Days after which each kind of data is removed (R65; docs/privacy.md). The first three count from a case's end."""

    posts: int = Field(default=730, gt=0)
    """What was said on it: posts, answers, notes, mails and their files."""
    cases: int = Field(default=730, gt=0)
    """All the rest of it but its trail, and what leads to it."""
    audit: int = Field(default=2555, gt=0)
    """Its trail, which holds no words and no names."""
    deliveries: int = Field(default=30, gt=0)
    """The records of deliveries and look-ups, after their last change."""
    quarantine: int = Field(default=90, gt=0)
    """The records of what lies in quarantine, after their last change."""
