"""Files in and out: staging, cell-level problems, one-transaction imports with undo, bank messages.

Declare an import with `fisc.kernel.exchange.spec.ImportSpec`. The steps, each a function here:
`start` → `match` → `validate` → (`adopt`, `adopt_all`, `set_cell`, `validate` …) → `commit` → `undo`;
`import_file` does all at once. `template` and `error_rows` make workbooks. What pages show: `browse`.
Files to and from banks: `messages`.

The names are loaded on first use, because Django wants this package before its tables are ready.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fisc.kernel.exchange.commands import import_file
    from fisc.kernel.exchange.error_file import error_rows
    from fisc.kernel.exchange.known import also, get, install, installed
    from fisc.kernel.exchange.mend import adopt, adopt_all, set_cell
    from fisc.kernel.exchange.run import commit, dry_run, undo, validate
    from fisc.kernel.exchange.template_file import template
    from fisc.kernel.exchange.upload import cancel, choose_sheet, match, prune, start

_HOMES = {
    "import_file": "commands",
    "error_rows": "error_file",
    "template": "template_file",
    **dict.fromkeys(("also", "get", "install", "installed"), "known"),
    **dict.fromkeys(("adopt", "adopt_all", "set_cell"), "mend"),
    **dict.fromkeys(("commit", "dry_run", "undo", "validate"), "run"),
    **dict.fromkeys(("cancel", "choose_sheet", "match", "prune", "start"), "upload"),
}

__all__ = [
    "adopt", "adopt_all", "also", "cancel", "choose_sheet", "commit", "dry_run", "error_rows", "get", "import_file",
    "install", "installed", "match", "prune", "set_cell", "start", "template", "undo", "validate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
