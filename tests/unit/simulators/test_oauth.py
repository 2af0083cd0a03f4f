"""OAuth 1.0a signatures are checked, as X checks them."""

from __future__ import annotations

import pytest
import requests
from requests_oauthlib import OAuth1

from infra.local.simulators import PlatformAdapter
from tests.unit.simulators.platforms import CARE, NOW, an_x, on_x

KEYS = {"consumer_key": "ck", "consumer_secret": "cs", "token": "t", "token_secret": "ts"}


@pytest.mark.parametrize("base", ["https://api.x.com", "http://127.0.0.1:8123"])
@pytest.mark.parametrize(("secret", "status"), [("ts", 201), ("wrong", 401)])
def test_only_a_right_signature_is_let_in(base, secret, status):
    x = an_x(tokens={"x": {CARE: KEYS}})
    session = requests.Session()
    session.mount(base, PlatformAdapter(x, lambda: NOW))
    answered = session.post(
        f"{base}/2/tweets",
        json={"text": "Sorry!", "reply": {"in_reply_to_tweet_id": on_x(x).id}},
        auth=OAuth1("ck", "cs", "t", secret),
        timeout=1,
    )
    assert answered.status_code == status


def test_the_query_is_part_of_the_signature():
    x = an_x(tokens={"x": {CARE: KEYS}})
    session = requests.Session()
    session.mount("https://api.x.com", PlatformAdapter(x, lambda: NOW))
    prepared = session.prepare_request(
        requests.Request(
            "GET",
            f"https://api.x.com/2/users/{CARE}/tweets",
            params={"max_results": "5", "tweet.fields": "created_at,text"},
            auth=OAuth1("ck", "cs", "t", "ts"),
        )
    )
    assert session.send(prepared).status_code == 200
    prepared.url = (prepared.url or "").replace("=5", "=9")
    assert session.send(prepared).status_code == 401
