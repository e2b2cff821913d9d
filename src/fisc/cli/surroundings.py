"""What every command needs before it can work: database, Django, a way to show progress."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager

from fisc.base.progress import Progress


def boot(*, check_schema: bool = True, stop_at_exit: bool = True) -> bool:
    """Start the database if it is ours, and set up Django.

    :param stop_at_exit: stop a database that this call started when the command ends, unless others use it by then.
    :returns: True if this call started the database.
    :raises Refusal: if the database lacks migrations and `check_schema` is set.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fisc.project.settings")
    from fisc.project import database

    started = database.ensure_started(os.environ)
    import django

    django.setup()
    if started and stop_at_exit:
        atexit.register(_stop_database)
    if check_schema:
        from fisc.project import schema

        schema.require_current()
    return started


def _stop_database() -> None:
    from django.db import connections

    from fisc.project import embedded

    connections.close_all()
    embedded.stop_if_unused()


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show one bar per stage of a long work, with the time that remains."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = ("[progress.description]{task.description}",)
    console = Console(stderr=True)
    with Bars(
        *map(TextColumn, columns), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=console, disable=not console.is_terminal,
    ) as bars:  # fmt: skip
        stages: dict[str, object] = {}

        def report(what: str, done: int, total: int | None, /) -> None:
            if what not in stages:
                stages[what] = bars.add_task(what, total=total)
                if not console.is_terminal:
                    console.print(what)
            bars.update(stages[what], completed=done, total=total)  # type: ignore[arg-type]

        yield report
