"""The settings file of the simulators (JSON), checked when it is read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Channel = Literal["x", "facebook", "messenger", "whatsapp", "instagram", "generic"]
Shape = Literal["xaa", "aaa", "stream"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _newest(secret: object) -> object:
    return secret[0] if isinstance(secret, list) and secret else secret


Secret = Annotated[str, BeforeValidator(_newest)]
"""A signing secret; of a list (current, previous) the first one signs."""


class Account(_Strict):
    """One of the brand's accounts. ``handle`` without ``@``; pages have none, a WhatsApp number's is what people
    see of it."""

    id: str
    name: str
    handle: str | None = None


class Token(_Strict):
    """What an account may call the platform with: OAuth 1.0a user tokens, a bearer token, or Meta's token.

    ``page_id``: the Page that an Instagram account is linked to (Facebook Login). ``client_id``, ``refresh_token`` and
    ``expires_at`` belong to an OAuth 2.0 bearer token of X; Meta's tokens may end, too. ``scope`` lists what the token is
    for, separated by blanks; without it, for everything.
    """

    bearer: str | None = None
    token: str | None = None
    token_secret: str | None = None
    consumer_key: str | None = None
    consumer_secret: str | None = None
    page_id: str | None = None
    waba_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    scope: str | None = None

    def lives(self, now: datetime) -> bool:
        """Whether it has not ended by itself."""
        return self.expires_at is None or now < self.expires_at


class MailSettings(_Strict):
    """Where a deployment hears of mails: the topic of its SES events, the bucket of received mails."""

    topic_arn: str
    bucket: str
    region: str


class Settings(_Strict):
    """All that the simulators are told.

    ``limits`` are (calls, seconds) by the names of the platforms' `LIMITS`; ``targets`` the seconds to the brand's
    answer that the timeline shows (``dm`` is the private one where a channel has both; a
    source may have its own; 0: people answer there). ``strangers`` lets the brand answer posts and people
    that the simulators were never told of: whoever signs webhooks without them gets answers, too. ``self_serve`` is
    X's plan on which only summoned replies are allowed. ``shape`` is the form of X's webhooks where a request names
    none.
    """

    webhook_base: str
    signing: dict[Channel, Secret]
    accounts: dict[Channel, list[Account]]
    tokens: dict[Channel, dict[str, Token]] = Field(default_factory=dict)
    sources: dict[str, Secret] = Field(default_factory=dict)
    """What the named generic sources sign with; the default one signs with ``signing["generic"]``."""
    verify_token: str | None = None
    consumer_key: str | None = None
    aws_endpoint: str | None = None
    mail: MailSettings | None = None
    state_dir: Path | None = None
    self_serve: bool = True
    strangers: bool = False
    shape: Shape = "xaa"
    app_id: str = "28000001"
    limits: dict[str, tuple[int, int]] = Field(default_factory=dict)
    targets: dict[str, int] = Field(
        default_factory=lambda: {
            "x": 900,
            "dm": 300,
            "facebook": 3600,
            "messenger": 300,
            "whatsapp": 300,
            "instagram": 3600,
            "generic": 3600,
        }
    )

    @classmethod
    def read(cls, path: Path) -> Settings:
        """The settings in a JSON file. Raises pydantic's ``ValidationError`` with the place of each error."""
        return cls.model_validate_json(path.read_bytes())

    def source_secret(self, source: str) -> str:
        """What a generic source signs with. Raises LookupError for one that is not there."""
        found = self.signing.get("generic") if source == "generic" else self.sources.get(source)
        if found is None:
            raise LookupError(f"no source {source}")
        return found

    def account(self, channel: Channel, account_id: str | None = None) -> Account:
        """The named account of a channel, else its first one. Raises LookupError when there is none."""
        for account in self.accounts.get(channel, []):
            if account_id in (None, account.id):
                return account
        raise LookupError(f"no account {account_id or ''} on {channel}")
