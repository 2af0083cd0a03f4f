"""Renew the tokens that live for hours before they end, and warn of those that live for weeks (the diary).

A refresh token works once, so there is one refresher: whoever holds the lease on the secrets. The intent is
committed before the platform is asked, and the new tokens are stored before anybody uses them. A process that ends in
between leaves the intent with the credentials that it began with: then the account is parked, the alarm rings, and
`firstline connect` renews. The old refresh token is never tried a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import channels
from ..model.base import moment
from ..model.errors import LostRace, NotSent, Permanent, Retry, Unclear, Wait
from ..model.records import Account, TokenRenewal
from ..outward.account_secrets import fingerprint
from ..outward.secrets import WRITING
from ..table import keys
from .leases import holding
from .record import record_outcome
from .services import LEASE, Services

AHEAD = timedelta(minutes=30)
"""How long before its end a token is renewed: time for thirty tries."""
READ_AGAIN = AHEAD.total_seconds() / 2
"""After so many seconds an account's secret is read again, so that tokens that somebody stored are known in time."""
UNSAID_WAIT = timedelta(minutes=2)
"""How long a limit is taken to last when the platform does not say."""
ENDS = ("expires_at", "data_access_expires_at")
"""What ends by itself, as `firstline connect` stores it: the token; and what Meta lets an app read by it."""

Credentials = Mapping[str, Any]


def renew_tokens(services: Services) -> None:
    """Renew what is due, one account after the other; one that fails does not stop the others."""
    try:
        accounts = list(_accounts(services))
    except Retry as error:
        services.tell("diary_postponed", entity="tokens", reason=error.reason)
        return
    _warn(accounts, services)
    for channel, account, credentials in accounts:
        if not _due(channel, credentials, services.clock()):
            continue
        try:
            with holding(WRITING, LEASE, services) as held:
                if held:
                    _renew(channel, account, services)
        except (LostRace, Retry) as error:
            services.tell("diary_postponed", entity="tokens", reason=str(error)[:80])


def _accounts(services: Services) -> Iterator[tuple[str, str, Credentials]]:
    """``(channel, account, tokens)`` of the playbook's accounts that have tokens. A secret that cannot be read costs its
    own account a minute and no other."""
    for account in services.playbooks.active().accounts:
        if account.channel == channels.SOURCED:
            continue
        try:
            found = services.tokens.credentials(account.channel, account.id, age=READ_AGAIN)
        except Retry as error:
            services.tell("diary_postponed", entity="tokens", reason=error.reason, account=account.id)
            continue
        if found:
            yield account.channel, account.id, found


def ends_at(credentials: Credentials) -> datetime | None:
    """When an account's credentials end by themselves; None where they do not, or nobody has said so."""
    known = [end for name in ENDS if (end := _moment(credentials.get(name))) is not None]
    return min(known, default=None)


def _moment(text: object) -> datetime | None:
    """A time in the secret, which people may have filled by hand."""
    try:
        told = moment(text) if isinstance(text, str) and text else None
    except ValueError:
        return None
    return told.replace(tzinfo=UTC) if told is not None and told.tzinfo is None else told


def _due(channel: str, credentials: Credentials, now: datetime) -> bool:
    if not credentials.get("refresh_token") or channels.tokens(channel) is None:
        return False
    end = _moment(credentials.get("expires_at"))
    return end is None or end - now <= AHEAD


def _warn(accounts: Iterable[tuple[str, str, Credentials]], services: Services) -> None:
    """The days until the first of the tokens ends that nobody renews but a person: what the alarm watches."""
    lasting = [end for _, _, each in accounts if not each.get("refresh_token") and (end := ends_at(each)) is not None]
    if lasting:
        services.count("TokenDaysLeft", value=(min(lasting) - services.clock()) / timedelta(days=1))


def _renew(channel: str, account: str, services: Services) -> None:
    now = services.clock()
    credentials = services.tokens.present(channel, account)
    renewer = channels.tokens(channel)
    if renewer is None or not _due(channel, credentials, now):
        return
    begun = fingerprint(credentials)
    known = services.table.get(keys.token_renewal(channel, account))
    version = known.version if isinstance(known, TokenRenewal) else 0
    if isinstance(known, TokenRenewal) and known.credentials == begun:
        if known.state in ("lost", "refused"):
            return
        if known.state == "renewing":
            if known.lease_until is None or known.lease_until <= now:
                _lose(known, services)
            return
        if known.not_before is not None and known.not_before > now:
            return
    intent = TokenRenewal(
        channel=channel,
        account=account,
        state="renewing",
        credentials=begun,
        at=now,
        lease_until=now + LEASE,
        version=version,
    )
    services.table.commit([intent], now)
    intent = intent.model_copy(update={"version": version + 1})
    try:
        tokens = renewer.renew(services.http, credentials)
    except (NotSent, Wait) as outcome:
        wait = timedelta(seconds=outcome.after) if outcome.after is not None else UNSAID_WAIT
        _note(intent, services, state="waiting", reason=outcome.reason, not_before=services.clock() + wait)
        return
    except Permanent as outcome:
        # The token itself still works until it ends: only then is the account parked.
        _note(intent, services, state="refused", reason=outcome.reason)
        services.tell(
            "token_not_renewed", channel=channel, account=account, reason=outcome.reason, metric="TokenNotRenewed"
        )
        return
    except Unclear as outcome:
        # Whether the refresh token is used up nobody knows: the intent stays, and is found once its lease is over.
        services.tell("token_renewal_unclear", channel=channel, account=account, reason=outcome.reason)
        return
    services.tokens.update(channel, account, tokens)
    _note(intent, services, state="renewed")
    services.tell("token_renewed", channel=channel, account=account)


def _note(intent: TokenRenewal, services: Services, **changes: Any) -> None:
    """What became of the renewal, unless somebody has put it right meanwhile."""
    now = services.clock()
    ended = {"at": now, "lease_until": None, **changes}

    def present() -> TokenRenewal | None:
        known = services.table.get(keys.token_renewal(intent.channel, intent.account))
        return known if isinstance(known, TokenRenewal) and known.state == "renewing" else None

    record_outcome(
        intent, present, lambda known: services.table.commit([known.model_copy(update=ended)], now), services
    )


def _lose(known: TokenRenewal, services: Services) -> None:
    """Nobody knows whether the refresh token was used: a person renews, and nothing goes out until then."""
    now = services.clock()
    account = services.table.get(keys.account(known.channel, known.account))
    before = account if isinstance(account, Account) else Account(channel=known.channel, id=known.account)
    reason = "token_renewal_lost"
    parked = before.model_copy(update={"parked_at": now, "parked_because": reason, "credentials": known.credentials})
    lost = known.model_copy(update={"state": "lost", "at": now, "lease_until": None})
    services.table.commit([lost, parked], now)
    services.tell("account_parked", channel=known.channel, account=known.account, reason=reason, metric="AccountParked")
