"""Starts the embedded AWS with one fault of its mended; runs in the environment of its own, without this package.

ministack 1.5.33: when a stack inside a stack is updated, a resource that stays as it is loses its attributes, so an output
that names one (`!GetAtt Role.Arn`) fails the deployment. Here the attributes are remembered. To be deleted with a release
in which tests/stack/test_goes_live.py passes without.
"""

from __future__ import annotations

import sys
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]
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

if __name__ == "__main__":
    sys.exit(main())
