"""The desk's function in this process, and requests as an HTTP API hands them to it."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from firstline import wiring
from tests.world import World

APP = Path(__file__).resolve().parents[1] / "functions/desk/app.py"
SIGN_IN = {
    "public_base_url": "https://care.acme.example",
    "oidc_issuer": "https://issuer.acme.example",
    "oidc_client_id": "desk",
}


class Desk:
    """functions/desk/app.py on services that are handed in."""

    def __init__(self, services: Any) -> None:
        spec = importlib.util.spec_from_file_location("desk_app", APP)
        assert spec is not None and spec.loader is not None
        self._app = importlib.util.module_from_spec(spec)
        with patch.object(wiring, "services", lambda: services):
            spec.loader.exec_module(self._app)

    def get(self, path: str, claims: dict[str, str] | None = None, **query: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and body. ``claims``: those of a token that the API's authorizer let through."""
        event: dict[str, Any] = {
            "version": "2.0",
            "rawPath": path,
            "headers": {"accept": "*/*"},
            "requestContext": {"http": {"method": "GET", "path": path}, "stage": "$default"},
            "isBase64Encoded": False,
        }
        if query:
            event["queryStringParameters"] = query
        if claims is not None:
            event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        answer = self._app.handler(event, None)
        return answer["statusCode"], {name.lower(): value for name, value in answer["headers"].items()}, answer["body"]


def a_desk(world: World) -> Desk:
    """The desk of a world."""
    return Desk(replace(world.services, settings=replace(world.settings, **SIGN_IN)))


def signed_in(*groups: str, **more: str) -> dict[str, str]:
    """Claims as an HTTP API hands over those of a member of these groups."""
    return {
        "sub": "5f1c",
        "token_use": "access",
        "scope": "openid email",
        "cognito:groups": f"[{' '.join(groups)}]",
        **more,
    }


def content(answer: tuple[int, dict[str, str], str]) -> Any:
    """The JSON of an answer that went well."""
    assert answer[0] == 200, answer
    return json.loads(answer[2])
