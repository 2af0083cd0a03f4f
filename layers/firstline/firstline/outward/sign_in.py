"""Sign-in by OpenID Connect: the person in a request that the API's JWT authorizer let through, and what the page needs
to send its visitor to the issuer (authorization code with PKCE).

The authorizer checks signature, issuer, audience and times. What is left to do here is to read the claims exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from ..model.errors import NotAllowed
from ..model.person import Person
from .settings import Settings

SCOPE = "openid email"
ASKED_FOR, ACCESS = "openid", "access"
"""The scope that tells a token of the desk's own sign-in, and what Cognito says of an access token (``token_use``)."""


def roles_in(claim: object) -> frozenset[str]:
    """The roles in a token's claim, as an exact set.

    An HTTP API hands a token's array over as one text, ``[lead agent]``, and a text as it is (seen on AWS and on the
    embedded AWS). Cognito's group names hold no blanks; an own issuer's must not either (docs/deploy.md).
    """
    if isinstance(claim, list):
        return frozenset(each for each in claim if isinstance(each, str))
    if not isinstance(claim, str):
        return frozenset()
    several = claim.startswith("[") and claim.endswith("]")
    return frozenset(claim[1:-1].split(" ") if several else [claim]) - {""}


def scopes_in(claims: Mapping[str, Any]) -> frozenset[str]:
    """The scopes of a token: ``scope``, blanks between (RFC 9068), or the array ``scp`` of other issuers."""
    return frozenset(str(claims.get("scope") or "").split()) | roles_in(claims.get("scp"))


def person_in(event: Mapping[str, Any], settings: Settings) -> Person:
    """Who sent the request: from the claims that the authorizer checked, and from nowhere else in it.

    The authorizer lets every token of the issuer for our client pass, also an ID token, which is made to be shown around,
    and one that was got for another purpose. Raises NotAllowed for what is no access token that the desk asked for.
    """
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    if claims.get("token_use", ACCESS) != ACCESS or ASKED_FOR not in scopes_in(claims):
        raise NotAllowed("this is no token for the desk: sign in there")
    return Person(id=str(claims["sub"]), roles=roles_in(claims.get(settings.oidc_roles_claim)))


def desk_url(settings: Settings) -> str:
    """The desk's page, to which the issuer sends people back."""
    return f"{settings.public_base_url}/desk/index.html"


def page_settings(settings: Settings) -> dict[str, Any]:
    """What the page reads as ``config.json``: no secret, a public client has none.

    ``endpoints`` is null where the page finds them in the issuer's own discovery document.
    """
    url, client = desk_url(settings), settings.oidc_client_id
    endpoints = None
    if settings.sign_in_base_url:
        base = settings.sign_in_base_url
        out = urlencode({"client_id": client, "logout_uri": url})
        endpoints = {
            "authorize": f"{base}/oauth2/authorize",
            "token": f"{base}/oauth2/token",
            "sign_out": f"{base}/logout?{out}",
        }
    return {
        "issuer": settings.oidc_issuer,
        "client_id": client,
        "scope": SCOPE,
        "redirect_uri": url,
        "endpoints": endpoints,
        "api": "../api/",
    }


def headers(settings: Settings) -> dict[str, str]:
    """Headers of the page and its files: it runs its own script only and talks to its API and its issuer only.

    No referrer: the address holds the issuer's code for a moment.
    """
    issuer = urlsplit(settings.sign_in_base_url or settings.oidc_issuer)
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {issuer.scheme}://{issuer.netloc}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
    return {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "strict-transport-security": "max-age=31536000",
        "cache-control": "no-cache",
    }
