"""Connecting X: the app's keys, the accounts' tokens (OAuth 1.0a, or OAuth 2.0 that is renewed), webhook, subscriptions.

Source: X webhooks/quickstart, account-activity/quickstart, activity/introduction, authentication/oauth-2-0 (August 2026).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import click

from firstline.channels import reading
from firstline.channels.x import tokens
from firstline.channels.x.client import call
from firstline.channels.x.refusals import refusal
from firstline.model.errors import Outcome
from firstline.operations.renew_tokens import ends_at
from firstline.outward.http import Response

from ..findings import Finding, bad, ok, warn
from ..output import say
from . import door
from .setup import Setup, in_front, newest, why

STYLE = door.X
AUTHORIZE = "https://x.com/i/oauth2/authorize"
SCOPES = ("tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "offline.access")
PUBLIC_EVENTS = ("post.create", "post.delete", "post.mention.create", "post.reply.create", "post.quote.create")
PRIVATE_EVENTS = ("dm.received", "dm.sent", "chat.received", "chat.sent")
"""What the X Activity API tells of an account; the private ones want the account's own OAuth 2.0 token."""
DO_CONNECT = "firstline connect x"


def gather(setup: Setup) -> dict[str, Any]:
    """See `Connection.gather`."""
    part, person = setup.part, setup.person
    key = person.ask(
        "consumer_key", "The app's API key (consumer key)", default="" if setup.anew else _key(part), secret=False
    )
    secret = person.ask(
        "consumer_secret",
        "The app's API key secret (consumer secret)",
        default="" if setup.anew else newest(part, "signing"),
    )
    made: dict[str, Any] = {"consumer_key": key, "signing": in_front(part, "signing", secret), "accounts": {}}
    _app(setup, made)  # says at once when key and secret do not fit
    for account in _whose(setup):
        credentials = _by_agreement(setup, account) if setup.options.get("oauth2") else _by_keys(setup, made, account)
        found, handle = _me(setup, credentials)
        if account and found != account:
            raise click.ClickException(
                f"these tokens are @{handle}'s ({found}), not {account}'s: sign in as that account"
            )
        made["accounts"][found] = credentials
        say(f"tokens of @{handle} ({found})")
        if found not in setup.named():
            say(f"  the active playbook names no account {found} on x: add it there, else its posts are nobody's")
    return made


def _whose(setup: Setup) -> list[str]:
    """The accounts to ask tokens for; an empty name: whoever the tokens belong to."""
    if setup.wanted:
        return [setup.wanted]
    there = setup.part.get("accounts", {})
    missing = [account for account in setup.named() if setup.anew or account not in there]
    return missing or ([] if there else [""])


def _key(part: Mapping[str, Any]) -> str:
    told = [part, *part.get("accounts", {}).values()]
    return next((str(each["consumer_key"]) for each in told if each.get("consumer_key")), "")


def _by_keys(setup: Setup, part: Mapping[str, Any], account: str) -> dict[str, str]:
    whose = setup.named().get(account) or account or "the account"
    ask = setup.person.ask
    return {
        "consumer_key": part["consumer_key"],
        "consumer_secret": newest(part, "signing"),
        "token": ask("token", f"Access token of {whose}"),
        "token_secret": ask("token_secret", f"Access token secret of {whose}"),
    }


def _by_agreement(setup: Setup, account: str) -> dict[str, str]:
    """Authorization code with PKCE: the account's owner agrees in the browser, and pastes where they were sent."""
    ask = setup.person.ask
    client = {
        "client_id": ask("client_id", "The app's OAuth 2.0 client id", secret=False),
        "client_secret": ask("client_secret", "Its client secret (empty for a public client)"),
    }
    back = ask("redirect_uri", "One of the app's redirect addresses", secret=False)
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": back,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    whose = setup.named().get(account) or account or "the account"
    say(f"Signed in at X as {whose}, open", f"{AUTHORIZE}?{urlencode(query)}")
    sent_to = parse_qs(urlsplit(ask("sent_to", "The address that you were sent to")).query)
    if sent_to.get("state") != [state] or "code" not in sent_to:
        raise click.ClickException("that is not the address of this agreement: begin anew")
    form = {
        "grant_type": "authorization_code",
        "code": sent_to["code"][0],
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    try:
        return {**client, **tokens.granted(setup.http, client, form)}
    except Outcome as outcome:
        raise click.ClickException(f"X gave no tokens: {why(outcome)}") from None


def _me(setup: Setup, credentials: Mapping[str, str]) -> tuple[str, str]:
    response = _asked(
        lambda: call(setup.http, credentials, "GET", "/2/users/me"), setup, "X does not take these tokens"
    )
    data = reading.obj(reading.obj(response.data).get("data"))
    return str(reading.identifier(data.get("id")) or ""), reading.words(data.get("username"))


def _asked(ask: Any, setup: Setup, else_say: str) -> Response:
    try:
        response: Response = ask()
        if response.status != 200:
            raise refusal(response, setup.http.now())
    except Outcome as outcome:
        raise click.ClickException(f"{else_say}: {why(outcome)}") from None
    return response


class App:
    """The app, by its app-only token. Raises an `Outcome` when X refuses."""

    def __init__(self, setup: Setup, bearer: str) -> None:
        self.http = setup.http
        self._headers = {"authorization": f"Bearer {bearer}"}

    def call(self, method: str, path: str, **content: Any) -> Response:
        return self.http.request(method, f"{self.http.x_base_url}{path}", headers=self._headers, **content)

    def webhooks(self) -> list[dict[str, Any]]:
        response = self.call("GET", "/2/webhooks")
        if response.status != 200:
            raise refusal(response, self.http.now())
        return [reading.obj(each) for each in reading.items(reading.obj(response.data).get("data"))]

    def activities(self) -> list[dict[str, Any]]:
        """The X Activity API's subscriptions of the app."""
        response = self.call("GET", "/2/activity/subscriptions")
        if response.status != 200:
            raise refusal(response, self.http.now())
        return [reading.obj(each) for each in reading.items(reading.obj(response.data).get("data"))]


def _app(setup: Setup, part: Mapping[str, Any]) -> App:
    url, form = f"{setup.http.x_base_url}/oauth2/token", {"grant_type": "client_credentials"}
    pair = (quote(_key(part), safe=""), quote(newest(part, "signing"), safe=""))
    response = _asked(lambda: setup.http.request("POST", url, data=form, auth=pair), setup, "X does not know this app")
    return App(setup, reading.words(reading.obj(response.data).get("access_token")))


def app_of(setup: Setup) -> App:
    """The app by the keys in the secret. Raises ClickException when X does not take them."""
    return _app(setup, setup.part)


def our_webhook(app: App, setup: Setup) -> dict[str, Any] | None:
    """The app's webhook that leads to us."""
    return next((each for each in app.webhooks() if each.get("url") == setup.url), None)


def reason_of(response: Response) -> str:
    """X's one word for what went wrong."""
    data = reading.obj(response.data)
    parts = [data, *map(reading.obj, reading.items(data.get("errors")))]
    words = [reading.words(part.get(name)) for part in parts for name in ("detail", "title", "message")]
    return next((word for word in words if word.isidentifier() and len(word) < 60), f"status {response.status}")


# -- registering -------------------------------------------------------------------------------------------------


def register(setup: Setup) -> Iterator[Finding]:
    """See `Connection.register`."""
    try:
        app = app_of(setup)
        yield (webhook := _webhook(app, setup))
        ours = our_webhook(app, setup)
        if ours is None or webhook.state == "bad":
            return
        for account, credentials in setup.part.get("accounts", {}).items():
            if setup.wanted in (None, account):
                yield from _subscribe(app, str(ours["id"]), account, credentials, setup)
    except Outcome as outcome:
        yield bad("webhook", f"X said no: {why(outcome)}", f"see what X says of the app, then {DO_CONNECT}")


def _webhook(app: App, setup: Setup) -> Finding:
    there = app.webhooks()
    ours = next((each for each in there if each.get("url") == setup.url), None)
    if ours is not None and ours.get("valid") is True:
        return ok("webhook", f"{setup.url} is registered and valid")
    if ours is not None:
        response = app.call("PUT", f"/2/webhooks/{ours['id']}")
        if response.status == 200:
            return ok("webhook", f"{setup.url} was switched off and is valid again")
        return bad("webhook", f"X does not accept our answer: {reason_of(response)}", "firstline doctor")
    response = app.call("POST", "/2/webhooks", json={"url": setup.url})
    if response.status == 200:
        return ok("webhook", f"{setup.url} is registered")
    if reason_of(response) == "WebhookLimitExceeded" and there:
        other = there[0]
        if not setup.person.agrees(f"The app has its webhook at {other.get('url')}. Replace it by ours?"):
            return bad("webhook", f"the app's only webhook is {other.get('url')}", "remove it, or use another app")
        app.call("DELETE", f"/2/webhooks/{other['id']}")
        response = app.call("POST", "/2/webhooks", json={"url": setup.url})
        if response.status == 200:
            return ok("webhook", f"{setup.url} is registered in place of {other.get('url')}")
    hints = {
        "CrcValidationFailed": "the consumer secret is not this app's, or the door cannot be reached: firstline doctor",
        "UrlValidationFailed": "X wants https and no port: set PublicBaseUrl to your own domain",
    }
    return bad(
        "webhook", f"X did not register {setup.url}: {reason_of(response)}", hints.get(reason_of(response), DO_CONNECT)
    )


def _subscribe(app: App, webhook: str, account: str, credentials: Mapping[str, str], setup: Setup) -> Iterator[Finding]:
    wanted = setup.options.get("events") or ("xaa" if credentials.get("refresh_token") else "aaa")
    name = f"subscription of {account}"
    if wanted == "aaa":
        path = f"/2/account_activity/webhooks/{webhook}/subscriptions/all"
        if _subscribed(setup, webhook, credentials):
            yield ok(name, "subscribed (Account Activity API)")
            return
        response = call(setup.http, credentials, "POST", path)
        if response.status == 200 or reason_of(response) == "DuplicateSubscriptionFailed":
            yield ok(name, "subscribed (Account Activity API)")
            return
        yield bad(name, f"X did not subscribe it: {reason_of(response)}", _subscription_hint(reason_of(response)))
        return
    missing = _missing_events(app, webhook, account)
    failed: dict[str, str] = {}
    for event in missing:
        content = {"event_type": event, "filter": {"user_id": account}, "webhook_id": webhook, "tag": "firstline"}
        if event in PRIVATE_EVENTS:
            response = call(setup.http, credentials, "POST", "/2/activity/subscriptions", json=content)
        else:
            response = app.call("POST", "/2/activity/subscriptions", json=content)
        if response.status not in (200, 201, 409):
            failed[event] = reason_of(response)
    if failed:
        said = ", ".join(f"{event} ({reason})" for event, reason in failed.items())
        yield bad(
            name, f"X did not subscribe it to {said}", "private events need OAuth 2.0: firstline connect x --oauth2"
        )
    else:
        yield ok(name, f"subscribed to {len(PUBLIC_EVENTS + PRIVATE_EVENTS)} kinds of events (X Activity API)")


def _subscription_hint(reason: str) -> str:
    if reason == "SubscriptionLimitExceeded":
        return "X's plan allows no more accounts: raise it, or remove one"
    return "the app needs read, write and direct-message permission; make the tokens anew after that"


def _subscribed(setup: Setup, webhook: str, credentials: Mapping[str, str]) -> bool:
    path = f"/2/account_activity/webhooks/{webhook}/subscriptions/all"
    response = call(setup.http, credentials, "GET", path)
    return response.status == 200 and reading.obj(reading.obj(response.data).get("data")).get("subscribed") is True


def _missing_events(app: App, webhook: str, account: str) -> list[str]:
    there = {
        reading.words(each.get("event_type"))
        for each in app.activities()
        if reading.obj(each.get("filter")).get("user_id") == account and each.get("webhook_id") == webhook
    }
    return [event for event in PUBLIC_EVENTS + PRIVATE_EVENTS if event not in there]


# -- checking ----------------------------------------------------------------------------------------------------


def check(setup: Setup) -> Iterator[Finding]:
    """See `Connection.check`."""
    for account in setup.part.get("accounts", {}):
        yield from _token(setup, account)
    try:
        app = app_of(setup)
        ours = our_webhook(app, setup)
    except (Outcome, click.ClickException) as error:
        said = why(error) if isinstance(error, Outcome) else error.format_message()
        yield bad("webhook", f"cannot be looked at: {said}", DO_CONNECT)
        return
    if ours is None:
        yield bad("webhook", f"X has no webhook at {setup.url}", DO_CONNECT)
        return
    if ours.get("valid") is not True:
        yield bad(
            "webhook", "X has switched our webhook off: nothing is delivered", f"{DO_CONNECT}, then firstline replay x"
        )
        return
    yield ok("webhook", f"{setup.url} is registered and valid")
    for account, credentials in setup.part.get("accounts", {}).items():
        yield _alive(app, setup, str(ours["id"]), account, credentials)


def _alive(app: App, setup: Setup, webhook: str, account: str, credentials: Mapping[str, str]) -> Finding:
    name = f"subscription of {account}"
    try:
        if _subscribed(setup, webhook, credentials):
            return ok(name, "alive (Account Activity API)")
        missing = _missing_events(app, webhook, account)
    except Outcome as outcome:
        return bad(name, f"cannot be looked at: {why(outcome)}", DO_CONNECT)
    if not missing:
        return ok(name, "alive (X Activity API)")
    if len(missing) < len(PUBLIC_EVENTS + PRIVATE_EVENTS):
        return bad(name, f"not subscribed to {', '.join(missing)}", DO_CONNECT)
    return bad(name, "nothing is subscribed: no post of this account reaches us", DO_CONNECT)


def _token(setup: Setup, account: str) -> Iterator[Finding]:
    name, credentials = f"token of {account}", setup.services.tokens.credentials("x", account)
    try:
        response = call(setup.http, credentials, "GET", "/2/users/me")
        if response.status != 200:
            raise refusal(response, setup.http.now())
    except Outcome as outcome:
        yield bad(name, f"X does not take it: {why(outcome)}", f"{DO_CONNECT} --account {account}")
        return
    found = reading.identifier(reading.obj(reading.obj(response.data).get("data")).get("id"))
    if found != account:
        yield bad(name, f"it belongs to another account: {found}", f"{DO_CONNECT} --account {account}")
        return
    if not credentials.get("bearer"):
        yield ok(name, "X takes it (OAuth 1.0a, does not end by itself)")
        return
    lacking = [scope for scope in SCOPES if scope not in str(credentials.get("scope", "")).split()]
    if credentials.get("scope") and lacking:
        yield bad(name, f"it lacks the scopes {', '.join(lacking)}", f"{DO_CONNECT} --oauth2 --account {account}")
        return
    end = ends_at(credentials)
    if not credentials.get("refresh_token"):
        yield bad(name, "it lives two hours and cannot be renewed", f"{DO_CONNECT} --oauth2 --account {account}")
    elif end is not None and end - setup.services.clock() < timedelta(minutes=15):
        yield bad(
            name,
            f"it ends at {end:%H:%M} UTC and was not renewed",
            f"the diary's log; {DO_CONNECT} --oauth2 --account {account}",
        )
    else:
        yield ok(name, "X takes it, and it is renewed before it ends")


# -- trying out --------------------------------------------------------------------------------------------------


def try_out(setup: Setup, account: str) -> Finding:
    """A post that says what it is, and is deleted at once."""
    credentials = setup.services.tokens.credentials("x", account)
    text = f"Testing our new connection, nothing to see here ({secrets.token_hex(4)})"
    try:
        response = call(setup.http, credentials, "POST", "/2/tweets", json={"text": text})
        if response.status != 201:
            raise refusal(response, setup.http.now())
        post = reading.identifier(reading.obj(reading.obj(response.data).get("data")).get("id"))
        gone = call(setup.http, credentials, "DELETE", f"/2/tweets/{post}")
    except Outcome as outcome:
        return bad(
            "test post", f"X did not take it: {why(outcome)}", "the app needs write permission; make the tokens anew"
        )
    if gone.status != 200:
        return warn("test post", f"posted, but not deleted: {post}", "delete it in the app")
    return ok("test post", "posted and deleted again")
