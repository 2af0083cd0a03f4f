"""The desk: its page with sign-in (public files), and the API behind it (tokens checked by the API's authorizer)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel

from firstline import wiring
from firstline.model.errors import NotAllowed, NotFound, Retry
from firstline.model.person import Person
from firstline.operations import branch_desk
from firstline.outward import sign_in

FILES = {file.name: file for file in (Path(__file__).parent / "pages").iterdir()}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

services = wiring.services()
app = APIGatewayHttpResolver()


@app.get("/desk")
def desk() -> Response[str]:
    """What people type."""
    return Response(302, "text/plain", "", headers={"location": sign_in.desk_url(services.settings)})


@app.get("/desk/config.json")
def config() -> Response[str]:
    """Where this page signs in."""
    body = json.dumps(sign_in.page_settings(services.settings))
    return Response(200, TYPES[".json"], body, headers=dict(sign_in.headers(services.settings)))


@app.get("/desk/<name>")
def file(name: str) -> Response[str]:
    """A file of the page, public like the page."""
    found = FILES.get(name)
    if found is None:
        raise NotFound("there is no such file")
    return Response(200, TYPES[found.suffix], found.read_text(), headers=dict(sign_in.headers(services.settings)))


@app.get("/api/branches")
def branches() -> Response[str]:
    """The branches of the person's regions, and how they keep up."""
    return _answer(branch_desk.regions(_person(), services))


@app.get("/api/branches/<branch>/handoffs")
def handoffs(branch: str) -> Response[str]:
    """A page of a branch's handoffs."""
    before = app.current_event.query_string_parameters.get("before", "")
    return _answer(branch_desk.handoffs(_person(), branch, before[:200], services))


@app.exception_handler(NotAllowed)
def not_allowed(error: NotAllowed) -> Response[str]:
    """Signed in, but not for this."""
    return _refusal(403, error.reason)


@app.exception_handler(NotFound)
def not_found(error: NotFound) -> Response[str]:
    """There is no such thing, or not for this person."""
    return _refusal(404, error.reason)


@app.exception_handler(Retry)
def later(error: Retry) -> Response[str]:
    """AWS did not answer: the page may ask again."""
    services.tell("desk_waits", reason=error.reason, metric="DeskWaits")
    return _refusal(503, "try again in a moment")


def _person() -> Person:
    return sign_in.person_in(app.current_event.raw_event, services.settings)


def _answer(content: BaseModel) -> Response[str]:
    return Response(200, TYPES[".json"], content.model_dump_json(), headers=dict(PRIVATE))


def _refusal(status: int, reason: str) -> Response[str]:
    return Response(status, TYPES[".json"], json.dumps({"error": reason}), headers=dict(PRIVATE))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One request of the HTTP API."""
    return app.resolve(event, context)
