"""单据: one header row per document; `perform.perform` is the only door by which its state changes.

Owns headers, numbers, attachments, search. Not: what a document means (the modules), who approves (approvals).
The names below are read when first used, so that Django may import this package before its models. `perform` and
`perform_many` live in `fisc.kernel.documents.perform`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fisc.kernel.documents.attachments import attach, open_attachment
    from fisc.kernel.documents.create import create_many
    from fisc.kernel.documents.perform import perform_many
    from fisc.kernel.documents.reading import available_steps, get_visible, search, timeline, visible
    from fisc.kernel.documents.revise import update_draft

_WHERE = {
    "attach": "attachments",
    "open_attachment": "attachments",
    "create_many": "create",
    "perform_many": "perform",
    "available_steps": "reading",
    "get_visible": "reading",
    "search": "reading",
    "timeline": "reading",
    "visible": "reading",
    "update_draft": "revise",
}
__all__ = [  # noqa: PLE0604, RUF100
    "attach",
    "available_steps",
    "create_many",
    "get_visible",
    "open_attachment",
    "perform_many",
    "search",
    "timeline",
    "update_draft",
    "visible",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
