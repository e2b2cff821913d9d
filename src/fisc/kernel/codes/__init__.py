"""The official code lists by fiscal year: functions, economic items, funds, revenue items, regions, accounts.

Owns the tables ``codes_*``. A code's meaning belongs to a span of fiscal years; a code in use cannot change meaning
(trigger ``codes_code_in_use_keeps_meaning``). Sources and their confidence: data/SOURCES.md.

Doors: :mod:`fisc.kernel.codes.lookup` (questions), :mod:`.editing` (new versions), :mod:`.importer` (official files).
The names below are loaded on first use, because Django wants this package before its tables are ready.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fisc.kernel.codes.catalogue import Code
    from fisc.kernel.codes.kinds import FUNDS, KINDS
    from fisc.kernel.codes.lookup import (
        CodeProblem,
        UnknownCode,
        check_many,
        children,
        counted,
        descendants,
        find,
        get,
        government_codes,
        is_used,
        mark_used,
        names,
        path,
        search,
        translate,
    )

_HOMES = {
    "Code": "catalogue",
    "FUNDS": "kinds",
    "KINDS": "kinds",
    **dict.fromkeys(
        (
            "CodeProblem", "UnknownCode", "check_many", "children", "counted", "descendants", "find", "get",
            "government_codes", "is_used", "mark_used", "names", "path", "search", "translate",
        ),
        "lookup",
    ),
}  # fmt: skip

__all__ = [
    "FUNDS", "KINDS", "Code", "CodeProblem", "UnknownCode", "check_many", "children", "counted", "descendants",
    "find", "get", "government_codes", "is_used", "mark_used", "names", "path", "search", "translate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
