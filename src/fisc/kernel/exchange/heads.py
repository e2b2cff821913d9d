"""Finds the head of a table and which column is which: by head names, aliases and what the user chose before. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from fisc.base.text import clean, match_key
from fisc.kernel.exchange.sheet import Cell, Sheet
from fisc.kernel.exchange.spec import ImportColumn, ImportSpec

MatchedBy = Literal["head", "alias", "remembered", "chosen", "guessed"]
LOOK_AT_ROWS = 30
_GUESS_RATIO = 0.72
UNITS = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
_UNIT_IN_HEAD = re.compile(r"\(\s*(?:单位[:]?)?(元|千元|万元|百万元|亿元)(?:人民币)?\s*\)")
_UNIT_LINE = re.compile(r"(?:金额)?单位[:]?(?:人民币)?(元|千元|万元|百万元|亿元)")


@dataclass(frozen=True)
class Head:
    """Where the head is (0-based first and last row of it) and the text over each column."""

    first_row: int
    last_row: int
    texts: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows the head takes."""
        return self.last_row - self.first_row + 1


@dataclass(frozen=True)
class Match:
    """One column of the spec and the column of the file it is in (0-based), and how that was found."""

    key: str
    column: int
    by: MatchedBy


@dataclass(frozen=True)
class Found:
    """A sheet's head with its matches; `guesses` are proposals a person must confirm."""

    head: Head
    matches: tuple[Match, ...]
    guesses: tuple[Match, ...] = ()
    factor: int = 1

    @property
    def mapping(self) -> dict[str, int]:
        """Spec key → file column, guesses left out."""
        return {match.key: match.column for match in self.matches}


def head_key(text: str) -> str:
    """What two spellings of one column head share: 「金额（元）」 = 「* 金 额」."""
    plain = _UNIT_IN_HEAD.sub("", match_key(text))
    return plain.strip("*:;.")


def find(
    sheet: Sheet, spec: ImportSpec, *, remembered: Mapping[str, str], row: int | None = None
) -> Found | None:
    """This function will find the head row and match columns; with `row` (0-based) the head is looked for there only.

    A head may take two rows (a group over its columns); then a column answers to its own text, the group's, or both.
    """
    candidates = range(min(LOOK_AT_ROWS, len(sheet.rows))) if row is None else [row]
    best: Found | None = None
    for number in candidates:
        for depth in (1, 2):
            found = _at(sheet, spec, number, depth, remembered)
            if found and (best is None or _merit(found) > _merit(best)):
                best = found
    if best is None or len(best.matches) < _least(spec):
        return None
    return _with_merged_second_row(sheet, best)


def _merit(found: Found) -> tuple[int, int]:
    """More matches win; of two readings with as many, the one-row head (a line above it is no group head)."""
    return (len(found.matches), -found.head.rows)


def missing(spec: ImportSpec, mapping: Mapping[str, int]) -> tuple[ImportColumn, ...]:
    """The required columns that no file column is matched to."""
    return tuple(column for column in spec.columns if column.required and column.key not in mapping)


def _least(spec: ImportSpec) -> int:
    """Fewer matches than this are chance: a title row may hold one of the words."""
    required = sum(column.required for column in spec.columns)
    return 1 if len(spec.columns) == 1 else min(2, max(1, required))


def _at(sheet: Sheet, spec: ImportSpec, row: int, depth: int, remembered: Mapping[str, str]) -> Found | None:
    if row + depth > len(sheet.rows):
        return None
    upper = _filled_across(sheet, row)
    lower = [_word(cell) for cell in sheet.rows[row + 1]] if depth == 2 else []
    width = max(len(upper), len(lower))
    upper += [""] * (width - len(upper))
    lower += [""] * (width - len(lower))
    names = [_names(over, own) for over, own in zip(upper, lower, strict=True)]
    texts = tuple(own or over for over, own in zip(upper, lower, strict=True))
    matches = match_columns(spec, names, remembered)
    if not matches:
        return None
    head = Head(first_row=row, last_row=row + depth - 1, texts=_distinct(texts, upper))
    guesses = _guess(spec, head.texts, matches)
    return Found(head=head, matches=matches, guesses=guesses, factor=_factor(sheet, head, spec, matches))


def _word(cell: Cell) -> str:
    return (
        clean(cell)
        if isinstance(cell, str)
        else ("" if cell is None or isinstance(cell, bool) else clean(str(cell)))
    )


def _filled_across(sheet: Sheet, row: int) -> list[str]:
    """The row's texts, a merged group head repeated over the columns it covers."""
    texts = [_word(cell) for cell in sheet.rows[row]]
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom and left < len(texts) and right > left:
            for column in range(left, min(right + 1, len(texts))):
                texts[column] = _word(sheet.rows[top][left]) if left < len(sheet.rows[top]) else ""
    return texts


def _names(over: str, own: str) -> tuple[str, ...]:
    """What a column may answer to, best first."""
    if own and over:
        return (own, over + own, f"{over}-{own}", f"{own}({over})")
    return (own or over,)


def _distinct(texts: Sequence[str], upper: Sequence[str]) -> tuple[str, ...]:
    """Heads shown to the user; two columns called 编码 under different groups are told apart."""
    repeated = {text for text in texts if texts.count(text) > 1}
    return tuple(
        f"{over}·{text}" if text in repeated and over and over != text else text
        for text, over in zip(texts, upper, strict=True)
    )


def match_columns(
    spec: ImportSpec, names: Sequence[Sequence[str]], remembered: Mapping[str, str]
) -> tuple[Match, ...]:
    """Match each file column to at most one spec column and the other way round; the earlier column wins."""
    known: dict[str, tuple[str, MatchedBy]] = {}
    for column in spec.columns:
        for alias in (*column.aliases, column.key):
            known.setdefault(head_key(alias), (column.key, "alias"))
    for column in spec.columns:
        known[head_key(column.head)] = (column.key, "head")
    for text, key in remembered.items():
        known[text] = (key, "remembered")
    taken: dict[str, Match] = {}
    for depth in range(max(map(len, names), default=0)):
        for index, options in enumerate(names):
            if depth >= len(options) or any(match.column == index for match in taken.values()):
                continue
            key, by = known.get(head_key(options[depth]), ("", "head"))
            if key and key not in taken:
                taken[key] = Match(key=key, column=index, by=by)
    order = {column.key: position for position, column in enumerate(spec.columns)}
    return tuple(sorted((m for m in taken.values() if m.key in order), key=lambda match: order[match.key]))


def _guess(spec: ImportSpec, texts: Sequence[str], matches: Sequence[Match]) -> tuple[Match, ...]:
    keys, columns = {match.key for match in matches}, {match.column for match in matches}
    scored: list[tuple[float, str, int]] = []
    for column in spec.columns:
        if column.key in keys:
            continue
        for index, text in enumerate(texts):
            if index not in columns and text:
                scored.append((_likeness(column, text), column.key, index))
    guesses: list[Match] = []
    for ratio, key, index in sorted(scored, reverse=True):
        if ratio >= _GUESS_RATIO and key not in keys and index not in columns:
            guesses.append(Match(key=key, column=index, by="guessed"))
            keys.add(key)
            columns.add(index)
    return tuple(guesses)


def _likeness(column: ImportColumn, text: str) -> float:
    theirs = head_key(text)
    best = 0.0
    for name in (column.head, *column.aliases):
        ours = head_key(name)
        inside = len(ours) >= 2 and len(theirs) >= 2 and (ours in theirs or theirs in ours)
        best = max(best, 0.8 if inside else 0.0, SequenceMatcher(None, ours, theirs).ratio())
    return best


def _factor(sheet: Sheet, head: Head, spec: ImportSpec, matches: Sequence[Match]) -> int:
    """元 per unit: what the amount head says (金额（万元）), else the line above the head (单位：万元)."""
    amounts = {column.key for column in spec.columns if column.kind == "amount"}
    for match in matches:
        if match.key not in amounts:
            continue
        for row in range(head.first_row, head.last_row + 1):
            cells = sheet.rows[row]
            text = match_key(_word(cells[match.column])) if match.column < len(cells) else ""
            if found := _UNIT_IN_HEAD.search(text):
                return UNITS[found[1]]
    for row in range(head.first_row - 1, -1, -1):
        for cell in sheet.rows[row]:
            if isinstance(cell, str) and (found := _UNIT_LINE.search(match_key(cell))):
                return UNITS[found[1]]
    return 1


def _with_merged_second_row(sheet: Sheet, found: Found) -> Found:
    """A one-row match whose cells are merged downwards has its second head row below it, not data."""
    columns = {match.column for match in found.matches}
    deepest = max(
        (
            bottom
            for top, left, bottom, right in sheet.merged
            if top <= found.head.last_row <= bottom and any(left <= column <= right for column in columns)
        ),
        default=found.head.last_row,
    )
    if deepest <= found.head.last_row or deepest - found.head.last_row > 3:
        return found
    head = Head(first_row=found.head.first_row, last_row=deepest, texts=found.head.texts)
    return Found(head=head, matches=found.matches, guesses=found.guesses, factor=found.factor)
