"""A browser, the simulators, a receiver of their webhooks and of what SES tells a deployment, on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from infra.local.simulators import Server, Simulation
from infra.local.simulators.ses import Ses
from tests.receiver import Receiver, a_receiver
from tests.unit.simulators.mails import MAIL, ACloud
from tests.unit.simulators.platforms import a_settings

PICTURES, NUMBER, SOURCES = "17841400000000001", "300000000000001", ("reviews", "contact-centre", "mastodon")
SIGNED = "whsec_" + "c2lnbmVk" * 4
EVERYWHERE: dict[str, Any] = {
    "signing": {
        **{"x": "x-secret", "facebook": "page-secret", "messenger": "page-secret"},
        **{"instagram": "page-secret", "whatsapp": "page-secret", "generic": SIGNED},
    },
    "sources": dict.fromkeys(SOURCES, SIGNED),
    "accounts": {
        **a_settings().model_dump()["accounts"],
        "instagram": [{"id": PICTURES, "name": "Acme", "handle": "acme.home"}],
        "whatsapp": [{"id": NUMBER, "name": "Acme", "handle": "+49 30 1234567"}],
        "generic": [{"id": each, "name": "Acme"} for each in SOURCES],
    },
    "tokens": {
        **a_settings().model_dump()["tokens"],
        "instagram": {PICTURES: {"token": "page-token"}},
        "whatsapp": {NUMBER: {"token": "page-token"}},
        "generic": {each: {"token": SIGNED} for each in SOURCES},
    },
}
"""The brand on every platform."""
CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
NARROW = {"width": 375, "height": 812}
"""The narrowest phone that is still common."""
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


PATIENCE = 30_000
"""Milliseconds that a page may take to show something: other tests run on the same cores."""


def missing(what: str) -> None:
    """Skips, unless the browser tier was asked for by name."""
    if "browser" in os.environ.get("FIRSTLINE_TIERS", ""):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        missing("playwright is not installed (pip install playwright)")
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is not there (apt-get install chromium)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@dataclass
class Local:
    """The simulators, their receiver, and what SES told the deployment."""

    url: str
    simulation: Simulation
    receiver: Receiver
    cloud: ACloud


@pytest.fixture
def local() -> Iterator[Local]:
    with a_receiver() as receiver:
        simulation = Simulation(a_settings(webhook_base=receiver.url, mail=MAIL, **EVERYWHERE))
        cloud = ACloud()
        simulation.ses = Ses(simulation.settings, simulation.clock, cloud, pauses={})
        server = Server(simulation)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Local(server.url, simulation, receiver, cloud)
        server.shutdown()
        server.server_close()
        simulation.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page at desktop width; an error in its scripts fails the test."""
    context = chromium.new_context(viewport=DESKTOP, locale="en-GB")
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    context.close()
    assert errors == []
