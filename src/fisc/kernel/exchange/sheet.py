"""A worksheet as it stands in the file, whatever the file is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Area = tuple[int, int, int, int]
"""first row, first column, last row, last column; 0-based."""


@dataclass(frozen=True)
class Formula:
    """A formula cell: its text where the file tells it, and whether a computed value is kept with it."""

    text: str
    cached: bool


@dataclass(frozen=True)
class Sheet:
    """One worksheet. Coordinates are 0-based; `rows` starts at row 0, column 0."""

    name: str
    rows: list[list[Cell]]
    visible: bool = True
    formulas: dict[tuple[int, int], Formula] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    epoch_1904: bool = False


@dataclass(frozen=True)
class Book:
    """What was read; `hidden_sheets` were not."""

    sheets: tuple[Sheet, ...]
    hidden_sheets: tuple[str, ...] = ()


def column_letter(index: int) -> str:
    """The letter Excel shows for a 0-based column."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The 0-based column of a letter."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
