"""A browser, the simulators, a receiver of their webhooks and a stand-in for the embedded AWS's mails, on loopback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from infra.local.simulators import Server, Simulation
from tests.receiver import Receiver, a_receiver
from tests.unit.simulators.platforms import a_settings

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


def missing(what: str) -> None:
    """Skips, unless the browser tier was asked for by name."""
    if "browser" in os.environ.get("FIRSTLINE_TIERS", ""):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed (pip install playwright)")
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is not there (apt-get install chromium)")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@dataclass
class Local:
    """The simulators, their receiver, and the mails that the mailbox shows (``mails`` as the emulator lists them)."""

    url: str
    simulation: Simulation
    receiver: Receiver
    mails: list[dict[str, Any]]


@pytest.fixture
def local() -> Iterator[Local]:
    mails: list[dict[str, Any]] = []

    class Emulator(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"messages": {"000000000000": mails}}).encode()
            self.send_response(200 if self.path == "/_ministack/ses/messages" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    emulator = ThreadingHTTPServer(("127.0.0.1", 0), Emulator)
    aws_endpoint = f"http://127.0.0.1:{emulator.server_port}"
    with a_receiver() as receiver:
        simulation = Simulation(a_settings(webhook_base=receiver.url, aws_endpoint=aws_endpoint))
        server = Server(simulation)
        for each in (emulator, server):
            Thread(target=each.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Local(server.url, simulation, receiver, mails)
        for each in (emulator, server):
            each.shutdown()
            each.server_close()
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
