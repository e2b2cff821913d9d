"""Region, towns, budget units, bureau sections, people, their roles, and who may see and do what.

Owns the tables ``orgs_*``. Knows nothing of documents or money: the doors above it ask
``Actor.can(permission)`` and ``Actor.sees(unit_id)`` and refuse by themselves.

Doors: :mod:`.access` (actors, visibility), :mod:`.accounts` (accounts, grants, roles, limits), :mod:`.units`,
:mod:`.auth` (log-in, second factor), :mod:`.clock` (business date), :mod:`.commands` (command line).
The names below are loaded on first use, because Django wants this package before its tables are ready.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fisc.kernel.orgs.access import actor_for, system_actor, unit_tree_ids, users_who_can
    from fisc.kernel.orgs.actor import Actor
    from fisc.kernel.orgs.auth import AuthResult, authenticate

_HOMES = {
    "Actor": "actor",
    "AuthResult": "auth",
    "actor_for": "access",
    "authenticate": "auth",
    "system_actor": "access",
    "unit_tree_ids": "access",
    "users_who_can": "access",
}

__all__ = [
    "Actor",
    "AuthResult",
    "actor_for",
    "authenticate",
    "system_actor",
    "unit_tree_ids",
    "users_who_can",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
