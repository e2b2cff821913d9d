"""PostgreSQL array literals, built fast: one join per column instead of one adapter call per element."""

from collections.abc import Iterable
from datetime import date


def numbers(values: Iterable[int | None]) -> str:
    """Return an array literal of whole numbers."""
    return "{" + ",".join(["NULL" if value is None else str(int(value)) for value in values]) + "}"


def dates(values: Iterable[date]) -> str:
    """Return an array literal of dates."""
    return "{" + ",".join([value.isoformat() for value in values]) + "}"


def texts(values: Iterable[str]) -> str:
    """Return an array literal of texts."""
    return "{" + ",".join(['"' + _escaped(value) + '"' for value in values]) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
