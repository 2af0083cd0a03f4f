"""Who calls X: OAuth 1.0a signatures and bearer tokens, checked against the accepted tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

from .settings import Token

VERIFIERS = {"HMAC-SHA1": signature.verify_hmac_sha1, "HMAC-SHA256": signature.verify_hmac_sha256}


def caller(
    tokens: Mapping[str, Token], method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str]
) -> str | None:
    """The id of the account whose token the call carries, else None."""
    lowered = {name.lower(): value for name, value in headers.items()}
    scheme, _, credentials = lowered.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return next((account for account, each in tokens.items() if each.bearer and each.bearer == credentials), None)
    if scheme.lower() != "oauth":
        return None
    request: Any = Request("http://placeholder/", method)  # type: ignore[arg-type]
    try:
        collected = signature.collect_parameters(
            uri_query=urlencode(query), headers={"Authorization": lowered["authorization"]}, with_realm=False
        )
        given = dict(
            signature.collect_parameters(
                headers={"Authorization": lowered["authorization"]}, exclude_oauth_signature=False
            )
        )
    except ValueError:
        return None
    request.params, request.signature = collected, given.get("oauth_signature", "")
    verify = VERIFIERS.get(given.get("oauth_signature_method", ""))
    for account, each in tokens.items():
        if verify is None or not each.token or each.token != given.get("oauth_token"):
            continue
        if each.consumer_key != given.get("oauth_consumer_key"):
            continue
        # The caller signs the address as it sees it; behind a local port that may be either scheme.
        for web in ("https", "http"):
            request.uri = f"{web}://{lowered.get('host', 'localhost')}{path}"
            if verify(request, each.consumer_secret or "", each.token_secret or ""):
                return account
    return None
