"""Run the measurements, print a table and write var/bench.json."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from rich.table import Table

from bench.support import Result, console, drop_database, fresh_database, stage

SRC = Path(__file__).resolve().parents[1] / "src"
# In this order: later ones find the million payments of the first; c_service makes the database anew.
ITEMS = (
    "a_batches",
    "c_single",
    "d_callers",
    "e_reports",
    "f_proof",
    "c_service",
    "g_preparation",
    "h_whatif",
)


def main(chosen: Iterable[str] = tuple(sys.argv[1:])) -> None:
    """Run all items, or those whose names begin with one of the given letters or names."""
    results: list[Result] = []
    _boot()
    fresh_database()
    try:
        for item in _chosen(tuple(chosen)):
            with stage(item):
                work: Callable[[], list[Result]] = import_module(f"bench.{item}").run
                results += work()
    finally:
        drop_database()
        _print(results)
        _write(results)


def _chosen(names: tuple[str, ...]) -> list[str]:
    return [item for item in ITEMS if not names or item.startswith(names)]


def _boot() -> None:
    sys.path.insert(0, str(SRC))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fisc.project.settings")
    import django

    from fisc.project import database

    database.ensure_started(os.environ)
    django.setup()


def _print(results: list[Result]) -> None:
    table = Table(title="Fisc 性能对比（同一台机器、同一次运行）")
    for title in ("项目", "结果", "对照", "比值", "目标", "", "说明"):
        table.add_column(title, overflow="fold")
    for one in results:
        sign = "≤" if one.better == "lower" else "≥"
        table.add_row(
            one.title,
            f"{one.value:,.2f} {one.unit}",
            "" if one.baseline is None else f"{one.baseline:,.2f}（{one.baseline_title}）",
            "" if one.ratio is None else f"{one.ratio:.3g}",
            "" if one.goal is None else f"{sign} {one.goal:.3g}",
            {True: "✓", False: "✗", None: ""}[one.met],
            one.note,
        )
    console.print(table)


def _write(results: list[Result]) -> None:
    from fisc.project import paths

    path = paths.var_dir() / "bench.json"
    content = {
        one.name: {
            **{name: value for name, value in asdict(one).items() if name != "name"},
            "met": one.met,
        }
        for one in results
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    console.print(f"已写入 {path}")
