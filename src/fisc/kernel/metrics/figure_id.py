"""A figure's stable name, readable in an address: `revenue.total~202306~fn205~u3.7-9~k20230703T120000`.

It says which metric, month, filters and moment of knowledge; decoding it gives the same request back.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fisc.base.errors import FiscError
from fisc.kernel.metrics.spec import FIGURE_PATH, FigureRequest

_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\Z")
_CODES = {"fn": "function", "rv": "revenue", "fd": "fund", "ec": "economic"}
_NUMBERS = {"p": "project_id", "a": "allotment_id"}
_VALUE = re.compile(r"[A-Za-z0-9_]+\Z")
_PART = re.compile(r"(fn|rv|fd|ec|u|p|a|k|m)(.+)\Z")
_MOMENT = "%Y%m%dT%H%M%S.%f"


class BadFigureId(FiscError):
    """The address names no figure."""

    code = "metrics.bad_figure_id"


def encode(request: FigureRequest) -> str:
    """This will give the figure's name."""
    parts = [request.metric, f"{request.period:06d}"]
    for mark, key in {**_CODES, **_NUMBERS}.items():
        if (value := getattr(request, key)) is not None:
            parts.append(f"{mark}{value}")
    if request.unit_ids is not None:
        parts.append(f"u{_ranges(request.unit_ids)}")
    if request.only_month:
        parts.append("m1")
    if request.as_known_on is not None:
        parts.append(f"k{request.as_known_on.astimezone(UTC).strftime(_MOMENT)}")
    return "~".join(parts)


def decode(text: str) -> FigureRequest:
    """This will read a figure's name back.

    :raises BadFigureId: the text is no figure name.
    """
    metric, *rest = text.split("~")
    if not rest or not _CODE.match(metric) or not re.fullmatch(r"\d{6}", rest[0]):
        raise _bad(text)
    try:
        request = FigureRequest(metric=metric, year=int(rest[0][:4]), month=int(rest[0][4:]))
        for part in rest[1:]:
            request = replace(request, **_field(part))
    except ValueError as error:
        raise _bad(text) from error
    return request


def url(request: FigureRequest) -> str:
    """The address of the figure's page."""
    return f"{FIGURE_PATH}{encode(request)}/"


def _bad(text: str) -> BadFigureId:
    return BadFigureId(f"“{text}”不是有效的指标编号，请从报表或报告中点击数字打开。", figure_id=text)


def _field(part: str) -> dict[str, Any]:
    match = _PART.match(part)
    if match is None:
        raise ValueError(part)
    mark, value = match.groups()
    if mark == "u":
        return {"unit_ids": _unranges(value)}
    if mark == "k":
        return {"as_known_on": datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)}
    if part == "m1":
        return {"only_month": True}
    if mark in _NUMBERS:
        return {_NUMBERS[mark]: int(value)}
    if not _VALUE.match(value):
        raise ValueError(part)
    return {_CODES[mark]: value}


def _ranges(numbers: tuple[int, ...]) -> str:
    """3, 7, 8, 9 → "3.7-9"; nothing → "0" (a selection of no unit)."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ".".join(str(a) if a == b else f"{a}-{b}" for a, b in runs) or "0"


def _unranges(text: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for run in text.split("."):
        first, _, last = run.partition("-")
        numbers.extend(range(int(first), min(int(last or first), int(first) + 100_000) + 1))
    return () if text == "0" else tuple(numbers)
