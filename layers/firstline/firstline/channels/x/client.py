"""One call to X in an account's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests_oauthlib import OAuth1

from ...model.errors import AccountDown
from ..contract import Credentials

if TYPE_CHECKING:
    from ...outward.http import Http, Response


def call(http: Http, credentials: Credentials, method: str, path: str, **content: Any) -> Response:
    """One call in the account's name: OAuth 1.0a user tokens, or an OAuth 2.0 user token as bearer."""
    url = f"{http.x_base_url}{path}"
    if bearer := credentials.get("bearer"):
        return http.request(method, url, headers={"authorization": f"Bearer {bearer}"}, **content)
    if not all(credentials.get(name) for name in ("consumer_key", "consumer_secret", "token", "token_secret")):
        raise AccountDown("no_credentials")
    auth = OAuth1(
        credentials["consumer_key"],
        client_secret=credentials["consumer_secret"],
        resource_owner_key=credentials["token"],
        resource_owner_secret=credentials["token_secret"],
    )
    return http.request(method, url, auth=auth, **content)
