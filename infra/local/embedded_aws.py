"""Starts the embedded AWS with two faults of its mended; runs in the environment of its own, without this package.

ministack 1.5.33: it knows no condition key of SES, so a policy that names `ses:FromAddress` denies every mail. Here the key
has the address that the call sends from, as on AWS.

ministack 1.5.33: when a stack inside a stack is updated, a resource that stays as it is loses its attributes, so an output
that names one (`!GetAtt Role.Arn`) fails the deployment. Here the attributes are remembered. To be deleted with a release
in which tests/stack/test_goes_live.py passes without.
"""

from __future__ import annotations

import json
import sys
from contextvars import ContextVar
from email.utils import parseaddr
from typing import Any

from ministack import app  # type: ignore[import-not-found]
from ministack.services.cloudformation import provisioners  # type: ignore[import-not-found]

attributes: dict[tuple[str, str], dict[str, Any]] = {}
provision, update = provisioners._provision_resource, provisioners._update_resource


def provision_and_remember(kind: str, logical_id: str, properties: dict[str, Any], stack: str) -> Any:
    """Make a resource."""
    made = provision(kind, logical_id, properties, stack)
    attributes[stack, logical_id] = made[1]
    return made


def update_and_remember(
    kind: str, physical_id: str, old: Any, new: Any, stack: str, logical_id: str, attrs: Any = None
) -> Any:
    """Update a resource that has the attributes it had."""
    updated = update(kind, physical_id, old, new, stack, logical_id, attrs or attributes.get((stack, logical_id)))
    attributes[stack, logical_id] = updated[1]
    return updated


provisioners._provision_resource = provision_and_remember
provisioners._update_resource = update_and_remember


sender: ContextVar[str] = ContextVar("sender", default="")
"""The address that the SES call at hand sends from; empty for all other calls."""
enforce_ses, enforce = app._enforce_ses_v2, app._enforce_data_plane


def enforce_ses_with_sender(method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str) -> Any:
    """Authorize a call of SES."""
    try:
        said = str(json.loads(body or b"{}").get("FromEmailAddress", ""))
    except (ValueError, AttributeError):
        said = ""
    set_before = sender.set(parseaddr(said)[1])
    try:
        return enforce_ses(method, path, headers, body, query, request_id)
    finally:
        sender.reset(set_before)


def enforce_with_sender(service: str, *args: Any, **more: Any) -> Any:
    """Authorize any call."""
    if service == "sesv2" and sender.get():
        more["service_context"] = {"ses:fromaddress": sender.get(), **(more.get("service_context") or {})}
    return enforce(service, *args, **more)


app._enforce_ses_v2 = enforce_ses_with_sender
app._enforce_data_plane = enforce_with_sender

if __name__ == "__main__":
    sys.exit(app.main())
