"""Who signed in, and what they may see."""

from __future__ import annotations

from .base import Value

BRANCH_DESK = "branch-desk"
"""The role of a region's lead: sees the handoffs of the region's branches."""


class Person(Value):
    """A person who signed in. ``roles`` is an exact set, as the token named them: nothing is ever searched in a text.

    A role may be narrowed to a region by a colon: ``branch-desk:gb``.
    """

    id: str
    roles: frozenset[str] = frozenset()

    def may(self, role: str) -> bool:
        """Whether the person has exactly this role."""
        return role in self.roles

    def regions(self, role: str) -> frozenset[str]:
        """The regions that the role is narrowed to; empty for who does not have the role itself."""
        prefix = f"{role}:"
        named = (each.removeprefix(prefix) for each in self.roles if each.startswith(prefix))
        return frozenset(named) if self.may(role) else frozenset()
