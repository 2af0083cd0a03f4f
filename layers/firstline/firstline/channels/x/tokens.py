"""OAuth 2.0 user tokens of X: they live two hours, and each refresh token works once.

Source: X authentication/oauth-2-0/authorization-code and /user-access-token (August 2026). OAuth 1.0a tokens need none
of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ...model.base import stamp
from ...model.errors import Outcome, Permanent, Unclear, Wait
from .. import reading
from ..contract import Credentials
from .refusals import refusal

if TYPE_CHECKING:
    from ...outward.http import Http, Response

PATH = "/2/oauth2/token"
LIFE = 7200
"""Seconds that an access token lives where X does not say."""


def renew(http: Http, credentials: Credentials) -> Mapping[str, str]:
    """See `contract.Tokens.renew`."""
    return granted(http, credentials, {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]})


def granted(http: Http, client: Credentials, form: Mapping[str, str]) -> Mapping[str, str]:
    """What a grant brings: ``bearer``, ``refresh_token``, ``expires_at`` (ISO, UTC) and ``scope``.

    A confidential client (with ``client_secret``) signs in by HTTP Basic, a public one names itself.
    """
    client_id, secret = client.get("client_id", ""), client.get("client_secret")
    content = (
        {"data": dict(form), "auth": (client_id, secret)} if secret else {"data": {**form, "client_id": client_id}}
    )
    response = http.request("POST", f"{http.x_base_url}{PATH}", **content)
    data = reading.obj(response.data)
    access, refresh = reading.words(data.get("access_token")), reading.words(data.get("refresh_token"))
    if response.status != 200:
        raise _refusal(response, http.now())
    if not access or not refresh:
        raise Unclear("renewal_unreadable")
    ends = datetime.fromtimestamp(http.now(), UTC) + timedelta(seconds=reading.whole(data.get("expires_in")) or LIFE)
    return {
        "bearer": access,
        "refresh_token": refresh,
        "expires_at": stamp(ends),
        "scope": reading.words(data.get("scope")),
    }


def _refusal(response: Response, now: float) -> Outcome:
    """A limit is waited for; every other 4xx is a no (OAuth's word for it, RFC 6749); of the rest nothing is known."""
    if response.status == 429:
        outcome = refusal(response, now)
        return outcome if isinstance(outcome, Wait) else Wait("rate_limited")
    if 400 <= response.status < 500 and response.status != 408:
        word = reading.words(reading.obj(response.data).get("error"))
        return Permanent(f"renewal_refused:{word if word.isidentifier() and len(word) < 40 else response.status}")
    return Unclear(f"unclear:{response.status}")
