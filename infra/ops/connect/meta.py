"""What connecting Meta's products has in common: the app, its webhook per object, an account's token and subscription.

Source: Meta, Webhooks getting started, graph-api reference app/subscriptions, page/subscribed_apps, debug_token (2026).
Facebook Page and Messenger are one object ("page") with one webhook: connecting both adds up their fields.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from firstline import channels
from firstline.channels import reading
from firstline.channels.meta.graph import call, segment
from firstline.model.base import stamp
from firstline.model.errors import Outcome
from firstline.operations.renew_tokens import ends_at

from ..findings import Finding, bad, ok, warn
from ..output import say
from .setup import Setup, in_front, newest, why

SOON = timedelta(days=14)
LONG_LIVED = timedelta(days=60)
"""How long a long-lived token of Instagram Login lives from its making on."""


@dataclass(frozen=True)
class Product:
    """What one of Meta's channels needs.

    ``account`` says whose token is asked for, ``names`` which fields of it are read to know that it is the right one.
    ``parent`` is the credential with the id of what subscribes, where that is not the account itself; the app's webhook
    then says which fields come, and ``parent_fields`` are what the parent must name. With ``own_host`` an account may do
    without a parent: then it is reached by Instagram Login, under scopes of its own (``own_scopes``).
    """

    object: str
    fields: tuple[str, ...]
    scopes: tuple[str, ...]
    account: str
    names: str = "id,name"
    parent: str = ""
    parent_fields: tuple[str, ...] = ()
    own_host: bool = False
    own_names: str = ""
    own_scopes: tuple[str, ...] = ()

    def alone(self, credentials: Mapping[str, str]) -> bool:
        """Whether the account itself subscribes."""
        return not self.parent or (self.own_host and not credentials.get(self.parent))

    def wants(self, credentials: Mapping[str, str]) -> tuple[str, ...]:
        """The scopes that the token needs."""
        return self.own_scopes if self.own_host and self.alone(credentials) else self.scopes


def _base(setup: Setup, product: Product, credentials: Mapping[str, str]) -> str | None:
    """Where the account is reached, if not at the Graph API."""
    return setup.http.instagram_base_url if product.own_host and product.alone(credentials) else None


def gather(setup: Setup, product: Product) -> dict[str, Any]:
    """See `Connection.gather`. What a sister channel of the same app knows already is not asked for again."""
    ask, part = setup.person.ask, _known(setup)
    keep = not setup.anew
    app_id = ask("app_id", "The app's id", secret=False, default=str(part.get("app_id", "")) if keep else "")
    secret = ask("app_secret", "The app secret", default=newest(part, "signing") if keep else "")
    made: dict[str, Any] = {
        "app_id": app_id,
        "signing": in_front(setup.part, "signing", secret),
        "verify_token": list(setup.part.get("verify_token") or part.get("verify_token") or [secrets.token_urlsafe(24)]),
        "accounts": {},
    }
    _says_the_app(setup, made)
    for account in _whose(setup):
        there = {} if setup.anew else part.get("accounts", {}).get(account, {})
        given: dict[str, str] = {}
        if product.parent:
            prompt = f"Id of what {product.account} {account} belongs to ({product.parent})"
            held = ask(
                product.parent, prompt, secret=False, default=there.get(product.parent, ""), optional=product.own_host
            )
            given = {product.parent: held} if held else {}
        if not product.alone(given) and not account:
            account = ask("account_id", f"Id of {product.account}", secret=False)
        given["token"] = ask(
            "token", f"Access token of {product.account} {account}".strip(), default=there.get("token", "")
        )
        found, name = _whose_token(setup, product, given, "me" if product.alone(given) else account)
        if account and found != account:
            raise click.ClickException(f"this token is {name}'s ({found}), not {account}'s")
        made["accounts"][found] = {**given, **_known_ends(setup, product, made, given)}
        say(f"token of {name} ({found})")
        if found not in setup.named():
            say(f"  the active playbook names no account {found} on {setup.channel}: add it there")
    return made


def _known(setup: Setup) -> Mapping[str, Any]:
    """The channel's part, or where it has none a sister's; the app's id also from a sister with the same secret."""
    family = dict.fromkeys((setup.channel, *channels.family(setup.channel)))
    parts = [part for each in family if (part := setup.part_of(each)).get("signing")]
    first = next(iter(parts), {})
    same = (part for part in parts if newest(part, "signing") == newest(first, "signing"))
    return {**first, "app_id": next((part["app_id"] for part in same if part.get("app_id")), "")}


def _whose(setup: Setup) -> list[str]:
    if setup.wanted:
        return [setup.wanted]
    there = setup.part.get("accounts", {})
    missing = [account for account in setup.named() if setup.anew or account not in there]
    return missing or ([] if there else [""])


def _app(part: Mapping[str, Any]) -> dict[str, str]:
    """The app's own credentials."""
    return {"token": f"{part.get('app_id', '')}|{newest(part, 'signing')}"}


def _says_the_app(setup: Setup, part: Mapping[str, Any]) -> None:
    try:
        subscriptions(setup, part)
    except Outcome as outcome:
        raise click.ClickException(f"Meta does not take this app id and secret: {why(outcome)}") from None


def _whose_token(setup: Setup, product: Product, credentials: Mapping[str, str], asked: str) -> tuple[str, str]:
    base = _base(setup, product, credentials)
    names = product.own_names if base and product.own_names else product.names
    try:
        response = call(setup.http, credentials, "GET", segment(asked), base_url=base, params={"fields": names})
    except Outcome as outcome:
        raise click.ClickException(f"Meta does not take this token: {why(outcome)}") from None
    data = reading.obj(response.data)
    shown = (reading.words(data.get(name)) for name in names.split(",") if not name.endswith("id"))
    # Instagram Login names two ids: `user_id` is the account's, `id` the app's own for it.
    found = reading.identifier(data.get("user_id")) or reading.identifier(data.get("id"))
    return str(found or ""), next((name for name in shown if name), "somebody")


def _known_ends(
    setup: Setup, product: Product, part: Mapping[str, Any], credentials: Mapping[str, str]
) -> dict[str, str]:
    """When the token ends, as Meta says; one of Instagram Login, of which it may say nothing, within its 60 days."""
    try:
        return _ends(debugged(setup, part, credentials["token"]))
    except click.ClickException:
        if not _base(setup, product, credentials):
            raise
        return {"expires_at": stamp(setup.services.clock() + LONG_LIVED)}


def debugged(setup: Setup, part: Mapping[str, Any], token: str) -> dict[str, Any]:
    """What Meta says of a token: validity, scopes, ends. Raises ClickException when it says nothing."""
    try:
        response = call(setup.http, _app(part), "GET", "debug_token", params={"input_token": token})
    except Outcome as outcome:
        raise click.ClickException(f"Meta does not say what the token is good for: {why(outcome)}") from None
    return reading.obj(reading.obj(response.data).get("data"))


def _ends(told: Mapping[str, Any]) -> dict[str, str]:
    """When the token, and what it may read, end; 0 means never."""
    found = {name: reading.whole(told.get(name)) for name in ("expires_at", "data_access_expires_at")}
    return {name: stamp(datetime.fromtimestamp(value, UTC)) for name, value in found.items() if value}


# -- the app's webhook, the account's subscription ---------------------------------------------------------------


def subscriptions(setup: Setup, part: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The app's webhooks by object. Raises an Outcome when Meta refuses."""
    response = call(setup.http, _app(part), "GET", f"{segment(str(part.get('app_id', '')))}/subscriptions")
    found = map(reading.obj, reading.items(reading.obj(response.data).get("data")))
    return {reading.words(each.get("object")): each for each in found}


def _field_names(given: Any) -> set[str]:
    return {reading.words(reading.obj(each).get("name")) or reading.words(each) for each in reading.items(given)} - {""}


def _ours(setup: Setup) -> set[str]:
    """The addresses under which the app's deliveries come to us: a sister's door does as well."""
    return {setup.url_of(each) for each in channels.family(setup.channel)}


def register(setup: Setup, product: Product) -> Iterator[Finding]:
    """See `Connection.register`."""
    try:
        yield (webhook := _webhook(setup, product))
        if webhook.state == "bad":
            return
        for account, credentials in setup.part.get("accounts", {}).items():
            if setup.wanted in (None, account):
                yield _subscribe(setup, product, account, credentials)
    except Outcome as outcome:
        yield bad("webhook", f"Meta said no: {why(outcome)}", f"firstline connect {setup.channel} --renew")


def _webhook(setup: Setup, product: Product) -> Finding:
    part = setup.part
    there = subscriptions(setup, part).get(product.object, {})
    callback, fields = reading.words(there.get("callback_url")), _field_names(there.get("fields"))
    ours = callback in _ours(setup)
    if ours and there.get("active") is True and fields >= set(product.fields):
        return ok("webhook", f"{callback} is registered for {product.object}")
    if (
        callback
        and not ours
        and not setup.person.agrees(f"The app's webhook for {product.object} is {callback}. Replace it by ours?")
    ):
        return bad(
            "webhook", f"the app delivers {product.object} to {callback}", "use another app, or let it be replaced"
        )
    address = callback if ours else setup.url
    form = {
        "object": product.object,
        "callback_url": address,
        "verify_token": newest(_part_of(setup, address), "verify_token"),
        "fields": ",".join(sorted(fields | set(product.fields))),
        "include_values": "true",
    }
    try:
        call(setup.http, _app(part), "POST", f"{segment(str(part['app_id']))}/subscriptions", data=form)
    except Outcome as outcome:
        return bad(
            "webhook", f"Meta did not register {address}: {why(outcome)}", "firstline doctor: can the door be reached?"
        )
    return ok("webhook", f"{address} is registered for {product.object}: {form['fields']}")


def _part_of(setup: Setup, address: str) -> Mapping[str, Any]:
    """The part of the secret whose verify token that door expects."""
    sister = next((each for each in channels.family(setup.channel) if setup.url_of(each) == address), setup.channel)
    return setup.services.secrets.channel(sister)


def _subscribe(setup: Setup, product: Product, account: str, credentials: Mapping[str, str]) -> Finding:
    name = f"subscription of {account}"
    there = subscribed_fields(setup, product, account, credentials)
    if there is not None and there >= set(product.fields):
        return ok(name, "subscribed")
    fields = product.fields if product.alone(credentials) else product.parent_fields
    wanted = {"subscribed_fields": ",".join(sorted((there or set()) | set(fields)))} if fields else {}
    base = _base(setup, product, credentials)
    try:
        call(setup.http, credentials, "POST", _apps(product, account, credentials), base_url=base, params=wanted)
    except Outcome as outcome:
        return bad(
            name,
            f"Meta did not subscribe it: {why(outcome)}",
            f"the token needs {', '.join(product.wants(credentials))}",
        )
    return ok(name, f"subscribed to {wanted.get('subscribed_fields') or 'all that the webhook names'}")


def _apps(product: Product, account: str, credentials: Mapping[str, str]) -> str:
    return f"{segment(account if product.alone(credentials) else credentials.get(product.parent, ''))}/subscribed_apps"


def subscribed_fields(setup: Setup, product: Product, account: str, credentials: Mapping[str, str]) -> set[str] | None:
    """The fields that our app gets of an account; None when the app is not subscribed at all."""
    base = _base(setup, product, credentials)
    response = call(setup.http, credentials, "GET", _apps(product, account, credentials), base_url=base)
    for each in map(reading.obj, reading.items(reading.obj(response.data).get("data"))):
        app = reading.obj(each.get("whatsapp_business_api_data")) or each
        if reading.identifier(app.get("id")) == str(setup.part.get("app_id")):
            named = _field_names(each.get("subscribed_fields"))
            return named if product.alone(credentials) else {*product.fields, *named}
    return None


# -- checking ----------------------------------------------------------------------------------------------------


def check(setup: Setup, product: Product) -> Iterator[Finding]:
    """See `Connection.check`."""
    again = f"firstline connect {setup.channel}"
    part = setup.part
    if not part.get("app_id"):
        yield bad("webhook", "cannot be looked at: the secret does not name the app (app_id)", again)
        return
    try:
        there = subscriptions(setup, part).get(product.object, {})
    except Outcome as outcome:
        yield bad("webhook", f"cannot be looked at: {why(outcome)}", f"{again} --renew")
        return
    callback, fields = reading.words(there.get("callback_url")), _field_names(there.get("fields"))
    missing = [field for field in product.fields if field not in fields]
    if callback not in _ours(setup):
        yield bad("webhook", f"Meta delivers {product.object} to {callback or 'nobody'}", again)
    elif there.get("active") is not True:
        yield bad("webhook", "Meta has switched our webhook off: nothing is delivered", again)
    elif missing:
        yield bad("webhook", f"it lacks the fields {', '.join(missing)}", again)
    else:
        yield ok("webhook", f"{callback} is registered for {product.object}")
    for account, credentials in part.get("accounts", {}).items():
        yield _alive(setup, product, account, credentials)
        yield _token(setup, product, account, credentials)


def _alive(setup: Setup, product: Product, account: str, credentials: Mapping[str, str]) -> Finding:
    name, again = f"subscription of {account}", f"firstline connect {setup.channel}"
    try:
        there = subscribed_fields(setup, product, account, credentials)
    except Outcome as outcome:
        return bad(name, f"cannot be looked at: {why(outcome)}", f"{again} --account {account} --renew")
    if there is None:
        return bad(name, "our app is not subscribed: nothing of this account reaches us", again)
    missing = [field for field in product.fields if field not in there]
    return bad(name, f"not subscribed to {', '.join(missing)}", again) if missing else ok(name, "alive")


def _token(setup: Setup, product: Product, account: str, credentials: Mapping[str, str]) -> Finding:
    name, again = f"token of {account}", f"firstline connect {setup.channel} --account {account} --renew"
    try:
        told = debugged(setup, setup.part, str(credentials.get("token", "")))
    except click.ClickException as error:
        return warn(name, error.format_message(), again)
    if told.get("is_valid") is not True:
        return bad(name, "Meta does not take it any more", again)
    if reading.identifier(told.get("app_id")) not in (None, str(setup.part.get("app_id"))):
        return bad(name, "it was made for another app", again)
    lacking = [scope for scope in product.wants(credentials) if scope not in reading.items(told.get("scopes"))]
    if lacking:
        return bad(name, f"it lacks {', '.join(lacking)}", f"grant them to the app, make a new token, then {again}")
    end = ends_at(_ends(told))
    if end is not None and end - setup.services.clock() < SOON:
        days = (end - setup.services.clock()).days
        return warn(name, f"it ends in {days} days ({end:%Y-%m-%d})", f"a system user's token does not end; {again}")
    if end is not None and ends_at(credentials) != end:
        return warn(name, f"it ends on {end:%Y-%m-%d}, and no alarm knows", again)
    return ok(name, f"valid until {end:%Y-%m-%d}" if end else "valid, does not end by itself")
