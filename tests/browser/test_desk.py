"""The desk's page as it is deployed, with a stand-in of the issuer and of the API behind it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from firstline.outward.settings import Settings
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_timeline import expect
from tests.desk import Desk

WORDS = Path(__file__).resolve().parents[2] / "functions/desk/pages/words.json"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def a_branch(id: str, name: str, **changes: Any) -> dict[str, Any]:
    calm = {
        "open": 0,
        "late": 0,
        "done": 3,
        "accept_minutes": 95,
        "contact_minutes": None,
        "helped": 2,
        "not_helped": 1,
    }
    return {"id": id, "name": name, "region": "gb", "time_zone": "Europe/London", "counted": 3, "complete": True} | {
        **calm,
        **changes,
    }


def a_handoff(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "case_ref": f"FL-7K3M-{number:04d}",
        "stage": "waiting",
        "mail": "mailed",
        "late": False,
        "customer": {"channel": "x", "name": "Anna Ross", "handle": "anna", "post_url": "https://x.com/anna/status/1"},
        "words": "No engineer came to repair my oven",
        "posts": 2,
        "reason": "only on site",
        "created_at": "2026-11-24T10:00:00.000Z",
        "accept_by": "2026-11-24T14:00:00.000Z",
        "contact_by": "2026-11-25T10:00:00.000Z",
        "escalated_at": None,
        "moved_to": None,
        "steps": [{"at": "2026-11-24T10:00:05.000Z", "what": "mailed", "by": "robot"}],
        "helped": None,
        "said": None,
    } | changes


@dataclass
class Stand:
    """Where the page is served, what the API answers by path, and how the issuer misbehaves."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    nonce: str | None = None
    state: str | None = None
    asked: list[str] = field(default_factory=list)
    bearer: list[str] = field(default_factory=list)
    signing_in: dict[str, str] = field(default_factory=dict)
    exchanged: int = 0


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand()

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            query = {name: value[0] for name, value in parse_qs(split.query).items()}
            if split.path.startswith("/desk/"):
                status, headers, body = desk.get(split.path)
                self._answer(status, headers, body)
            elif split.path == "/oauth2/authorize":
                made.signing_in = query
                back = urlencode({"code": "the-code", "state": made.state or query["state"]})
                self._answer(302, {"location": f"{query['redirect_uri']}?{back}"}, "")
            elif split.path == "/logout":
                self._answer(302, {"location": query["logout_uri"]}, "")
            else:
                made.asked.append(self.path)
                made.bearer.append(self.headers["authorization"])
                known = made.answers.get(self.path.removeprefix("/api/"))
                self._answer(made.status if known is not None else 404, {}, json.dumps(known or {"error": "no"}))

        def do_POST(self) -> None:
            form = {n: v[0] for n, v in parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()).items()}
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == made.signing_in.get("code_challenge")
            made.exchanged += 1
            claims = {
                "iss": "https://issuer.acme.example",
                "aud": "desk",
                "sub": "5f1c",
                "email": "lea@acme.example",
                "nonce": made.nonce or made.signing_in.get("nonce"),
                "exp": int(time.time()) + 3600,
            }
            payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
            tokens = {"access_token": "the-access-token", "id_token": f"e30.{payload}.x"}
            self._answer(200 if proven and form["code"] == "the-code" else 400, {}, json.dumps(tokens))

        def _answer(self, status: int, headers: dict[str, str], body: str) -> None:
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    base = f"http://127.0.0.1:{server.server_port}"
    settings = Settings(
        public_base_url=base, oidc_issuer="https://issuer.acme.example", oidc_client_id="desk", sign_in_base_url=base
    )
    desk = Desk(SimpleNamespace(settings=settings))
    made.url = f"{base}/desk/index.html"
    made.answers["branches"] = {
        "now": "2026-11-24T12:00:00.000Z",
        "days": 28,
        "regions": [
            {
                "id": "gb",
                "name": "United Kingdom",
                "branches": [a_branch("london", "London"), a_branch("leeds", "Leeds", open=4, late=1)],
            }
        ],
    }
    made.answers["branches/leeds/handoffs"] = a_page(a_handoff(late=True), a_handoff(2, stage="done", helped=True))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def a_page(*handoffs: dict[str, Any], next: str | None = None) -> dict[str, Any]:
    return {
        "branch": "leeds",
        "name": "Leeds",
        "time_zone": "Europe/London",
        "now": "2026-11-24T15:00:00.000Z",
        "handoffs": list(handoffs),
        "next": next,
    }


def signed_in(stand: Stand, page: Any) -> None:
    page.goto(stand.url)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_signing_in_proves_who_asked_and_leaves_no_code_in_the_address(stand: Stand, page: Any) -> None:
    signed_in(stand, page)
    asked = stand.signing_in
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", "desk")
    assert len(asked["state"]) >= 40 and len(asked["nonce"]) >= 40
    expect(page.get_by_text("lea@acme.example")).to_be_visible()
    assert page.url == stand.url
    assert set(stand.bearer) == {"Bearer the-access-token"}
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]


def test_branches_that_are_late_come_first(stand: Stand, page: Any) -> None:
    signed_in(stand, page)
    expect(page.locator(".branch h3")).to_have_text(["Leeds", "London"])
    expect(page.locator(".branch").first.locator("dd")).to_have_text(["4", "1", "3", "1 h 35 min", "–", "2 / 3"])


def test_a_branchs_handoffs_are_shown_in_its_own_time(stand: Stand, page: Any) -> None:
    signed_in(stand, page)
    page.get_by_role("link", name="Leeds").click()
    first = page.locator("main .card").first
    expect(first).to_contain_text("Late")
    expect(first).to_contain_text("Anna Ross @anna on X · 2 posts")
    expect(first).to_contain_text("24 Nov, 14:00 GMT")
    expect(page.locator("main .card").nth(1)).to_contain_text("It helped")
    page.get_by_role("link", name="All branches").click()
    expect(page.locator(".branch")).to_have_count(2)


def test_more_are_shown_a_page_at_a_time(stand: Stand, page: Any) -> None:
    mark = "2026-11-24T10:00:00.000Z#c1"
    stand.answers["branches/leeds/handoffs"] = a_page(a_handoff(1), next=mark)
    stand.answers[f"branches/leeds/handoffs?{urlencode({'before': mark})}"] = a_page(a_handoff(2))
    signed_in(stand, page)
    page.get_by_role("link", name="Leeds").click()
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("main .card h3")).to_have_text(["FL-7K3M-0001", "FL-7K3M-0002"])
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_what_customers_write_is_shown_and_never_run(stand: Stand, page: Any) -> None:
    hostile = {"channel": "x", "name": HOSTILE, "handle": HOSTILE, "post_url": "javascript:document.title='owned'"}
    stand.answers["branches/leeds/handoffs"] = a_page(
        a_handoff(words=HOSTILE, customer=hostile, said=HOSTILE, helped=False)
    )
    signed_in(stand, page)
    page.get_by_role("link", name="Leeds").click()
    expect(page.locator("blockquote")).to_have_text(HOSTILE)
    assert page.title() == "Branch desk"
    assert page.locator("main img, main script, main a[target]").count() == 0


@pytest.mark.parametrize("wrong", [{"nonce": "another"}, {"state": "another"}])
def test_an_answer_that_is_not_ours_signs_nobody_in(stand: Stand, page: Any, wrong: dict[str, str]) -> None:
    for name, value in wrong.items():
        setattr(stand, name, value)
    page.goto(stand.url)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("did not work")
    assert stand.asked == []
    assert stand.exchanged == (1 if "nonce" in wrong else 0)


def test_a_link_with_somebody_elses_code_signs_nobody_in(stand: Stand, page: Any) -> None:
    page.goto(f"{stand.url}?code=the-code&state=theirs")
    expect(page.get_by_role("alert")).to_contain_text("did not work")
    assert (stand.exchanged, stand.asked) == (0, [])


@pytest.mark.parametrize(
    ("status", "said"), [(401, "session has ended"), (403, "not as a lead of branches"), (503, "cannot be reached")]
)
def test_a_refusal_is_told_in_words(stand: Stand, page: Any, status: int, said: str) -> None:
    stand.status = status
    page.goto(stand.url)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(said)


def test_signing_out_forgets_the_token(stand: Stand, page: Any) -> None:
    signed_in(stand, page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('token')") is None


def test_the_page_speaks_five_languages(stand: Stand, page: Any) -> None:
    words = json.loads(WORDS.read_text())
    assert len({frozenset(each) for each in words.values()}) == 1
    signed_in(stand, page)
    for language, texts in words.items():
        page.get_by_role("combobox").select_option(language)
        expect(page.get_by_role("heading", level=1)).to_have_text(texts["title"])
        assert page.evaluate("document.documentElement.lang") == language


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_works_by_keyboard(stand: Stand, page: Any, size: dict[str, int], scheme: str) -> None:
    long = a_handoff(words="Geschirrspülmaschinenkundendienst" * 20)
    stand.answers["branches/leeds/handoffs"] = a_page(long)
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    signed_in(stand, page)
    expect(page.locator(".branch")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    page.get_by_role("link", name="Leeds").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Leeds")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
