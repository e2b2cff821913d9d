"""Who acts: what the doors above need to know of a person, in one frozen value.

Pure: it neither reads the database nor decides anything by itself. ``access.actor_for`` builds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache


@dataclass(frozen=True)
class Actor:
    """A person (or the system) with the rights of one day; ``unit_ids`` None means all units."""

    user_id: int
    username: str
    name: str
    roles: frozenset[str]
    permissions: frozenset[str]
    unit_id: int | None = None
    section_code: str | None = None
    unit_ids: frozenset[int] | None = frozenset()
    ip: str = ""
    device: str = ""

    def can(self, permission: str) -> bool:
        """This will say whether one of the actor's patterns covers the permission."""
        return _covers(self.permissions, permission)

    def sees(self, unit_id: int | None) -> bool:
        """This will say whether rows of that unit are visible; rows of no unit are the bureau's own."""
        if self.unit_ids is None:
            return True
        return unit_id is not None and unit_id in self.unit_ids

    @property
    def sees_everything(self) -> bool:
        """Whether the actor's view is the whole district."""
        return self.unit_ids is None


@lru_cache(maxsize=20_000)
def _covers(patterns: frozenset[str], permission: str) -> bool:
    return any(fnmatchcase(permission, pattern) for pattern in patterns)
