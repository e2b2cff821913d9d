"""What every measurement needs: a database of its own, a clock, and a result with its baseline and goal."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import psycopg
from rich.console import Console

DATABASE = "fisc_bench"
console = Console(stderr=True)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One measured value beside its baseline. `ratio` is compared with `goal`; without a goal it is only shown."""

    name: str
    title: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_title: str = ""
    ratio: float | None = None
    goal: float | None = None
    better: Literal["higher", "lower"] = "lower"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None if there is none."""
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio <= self.goal if self.better == "lower" else self.ratio >= self.goal


def size(name: str, default: int) -> int:
    """Return a size that the environment may set (BENCH_N, BENCH_PROOF_N …)."""
    return int(os.environ.get(name, default))


@contextmanager
def stage(title: str) -> Iterator[None]:
    """Tell what is being measured, and how long it took."""
    started = time.perf_counter()
    console.print(f"[dim]{title}……[/]")
    yield
    console.print(f"[dim]{title}：{time.perf_counter() - started:.1f} 秒[/]")


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def fresh_database() -> None:
    """Make the database of the measurements anew and bring it to the current schema."""
    from django.core.management import call_command
    from django.db import connection

    drop_database()
    with server("postgres") as admin:
        admin.execute(f"CREATE DATABASE {DATABASE}")
    connection.settings_dict["NAME"] = DATABASE
    call_command("migrate", verbosity=0)


def drop_database() -> None:
    """Remove the database of the measurements."""
    from django.db import connection

    connection.close()
    with server("postgres") as admin:
        for attempt in range(5):
            try:  # without FORCE: that one may not end the server's own vacuum, this one may
                admin.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
                return
            except psycopg.errors.ObjectInUse:
                if attempt == 4:
                    raise


def server(name: str = "") -> "psycopg.Connection[tuple[object, ...]]":
    """Open a connection to the server of the settings, outside of Django."""
    place = _place()
    return psycopg.connect(
        host=place["HOST"], port=place["PORT"] or None, user=place["USER"], password=place["PASSWORD"], dbname=name or DATABASE,
        autocommit=True,
    )  # fmt: skip


def _place() -> dict[str, str]:
    from django.conf import settings

    return settings.DATABASES["default"]


def pgbench(*arguments: str) -> str:
    """Run the pgbench of the embedded server on our database and return what it prints."""
    from fisc.project import embedded

    place = _place()
    environment = {
        **os.environ, "PGPASSWORD": place["PASSWORD"], "PGHOST": place["HOST"], "PGPORT": str(place["PORT"]),
        "PGUSER": place["USER"], "LC_ALL": "C",
    }  # fmt: skip
    command = [str(embedded.program("pgbench")), *arguments, DATABASE]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
