"""Roles are read from a token as an exact set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstline.model.errors import NotAllowed
from firstline.model.person import BRANCH_DESK, Person
from firstline.outward.settings import Settings
from firstline.outward.sign_in import headers, page_settings, person_in, roles_in

ROLES = ("agent", "lead", "branch-desk", "auditor")
GROUP = st.text(st.characters(categories=("L", "M", "S", "N", "P")), min_size=1, max_size=20)
"""What Cognito takes as a group's name: no blanks."""


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        ("[lead agent]", {"lead", "agent"}),
        ("[branch-desk branch-desk:gb]", {"branch-desk", "branch-desk:gb"}),
        ("[agent]", {"agent"}),
        ("agent", {"agent"}),
        (["agent", "lead"], {"agent", "lead"}),
        ("[]", set()),
        ("", set()),
        (None, set()),
        (7, set()),
        ({"agent": True}, set()),
        ("lead agent", {"lead agent"}),
        ("lead,agent", {"lead,agent"}),
        ("[teamlead agentur]", {"teamlead", "agentur"}),
        ("[lead\tagent]", {"lead\tagent"}),
        ("[[agent]]", {"[agent]"}),
    ],
)
def test_a_claim_is_an_exact_set_of_roles(claim: object, roles: set[str]) -> None:
    assert roles_in(claim) == roles


@given(st.lists(GROUP, max_size=6))
def test_an_array_as_an_http_api_hands_it_over_gives_back_its_groups(groups: list[str]) -> None:
    assert roles_in(f"[{' '.join(groups)}]") == set(groups)


@given(GROUP.filter(lambda name: name not in ROLES))
def test_a_group_that_only_contains_the_name_of_a_role_is_not_that_role(name: str) -> None:
    for role in ROLES:
        for claim in (f"[{name}{role}]", f"[{role}{name}]", f"{name}{role}", f"[{name}]"):
            assert not Person(id="1", roles=roles_in(claim)).may(role)


def test_regions_belong_to_the_role_and_only_to_it() -> None:
    lead = Person(id="1", roles=roles_in("[branch-desk branch-desk:gb branch-desk:fr other:de]"))
    assert lead.regions(BRANCH_DESK) == {"gb", "fr"}
    assert Person(id="1", roles=roles_in("[branch-desk:gb]")).regions(BRANCH_DESK) == frozenset()


def test_the_person_is_who_the_authorizer_checked_and_not_who_a_header_names() -> None:
    event = {
        "headers": {"authorization": "Bearer forged", "x-roles": "[lead]"},
        "queryStringParameters": {"cognito:groups": "[lead]"},
        "requestContext": {
            "authorizer": {"jwt": {"claims": {"sub": "5f1c", "scope": "openid", "cognito:groups": "[agent]"}}}
        },
    }
    assert person_in(event, Settings()) == Person(id="5f1c", roles=frozenset({"agent"}))


def test_the_claim_of_an_own_issuer_can_be_named() -> None:
    event = {
        "requestContext": {"authorizer": {"jwt": {"claims": {"sub": "1", "scp": "[openid email]", "roles": "[lead]"}}}}
    }
    assert person_in(event, Settings(oidc_roles_claim="roles")).may("lead")
    assert not person_in(event, Settings()).may("lead")


@pytest.mark.parametrize(
    "claims",
    [
        {"token_use": "id", "scope": "openid email"},  # an ID token names the client as its audience, too
        {"token_use": "access", "scope": "aws.cognito.signin.user.admin"},  # got past the sign-in page
        {"token_use": "access", "scope": "openid.evil xopenid"},
        {"token_use": "access"},
        {"scp": "[access_as_user]"},
        {"token_use": "", "scope": "openid"},
    ],
)
def test_a_token_for_another_purpose_is_nobodys(claims: dict[str, str]) -> None:
    event = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "1", "cognito:groups": "[lead]", **claims}}}}}
    with pytest.raises(NotAllowed):
        person_in(event, Settings())


def test_the_page_talks_to_the_pools_own_sign_in_page_when_there_is_a_pool() -> None:
    settings = Settings(
        public_base_url="https://care.acme.example",
        oidc_issuer="https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_x",
        oidc_client_id="desk",
        sign_in_base_url="https://firstline-x.auth.eu-central-1.amazoncognito.com",
    )
    told = page_settings(settings)["endpoints"]
    assert told["token"] == "https://firstline-x.auth.eu-central-1.amazoncognito.com/oauth2/token"
    assert (
        "connect-src 'self' https://firstline-x.auth.eu-central-1.amazoncognito.com;"
        in (headers(settings)["content-security-policy"])
    )
