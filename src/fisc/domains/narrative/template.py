"""Sentence templates and masks as data: read from TOML, checked once, then frozen.

A template names figures by metric code only; whether the codes exist is checked by `unknown_metrics`. What other
modules add to a report (`ModuleSpec.sentences`) is read here as pieces and put in its place by `assembly.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Literal

from fisc.base.errors import FiscError

HERE = Path(__file__).parent
TEMPLATE_FOLDER = HERE / "reports"
MASK_FILE = HERE / "masks.toml"

Form = Literal["amount", "change", "rate", "points", "respectively", "count", "reached"]
BlockKind = Literal["body", "heading1", "heading2", "heading3"]
FORMS: tuple[str, ...] = ("amount", "change", "rate", "points", "respectively", "count", "reached")
BLOCKS: tuple[str, ...] = ("body", "heading1", "heading2", "heading3")
UNITS: tuple[str, ...] = ("auto", "yuan", "wan", "yi")
PARAMETERS = frozenset({"year", "last_year", "month", "span", "level", "region", "bureau"})
_HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class BadTemplate(FiscError):
    """A sentence template says something impossible."""

    code = "narrative.bad_template"


class UnknownTemplate(FiscError):
    """There is no report of that name."""

    code = "narrative.unknown_template"


@dataclass(frozen=True)
class Slot:
    """Where a number stands in a sentence, and the words that go with it.

    `words` are for amounts, rates and counts; `up`, `down`, `flat` (exactly equal) and `near` (equal as printed) for
    changes; "{}" is the number with its unit. `places` are printed decimals, `trim` cuts trailing zeros (58％, not
    58.0％). A "reached" slot claims in words that a rate is at least `at` % (`reached`), or prints it (`below`).
    `years_back` asks for the figure of an earlier year; `cover` masks this place even where the metric is shown.
    """

    name: str
    form: Form
    metrics: tuple[str, ...]
    unit: str = "auto"
    places: int = 1
    trim: bool = True
    words: str = "{}"
    up: str = ""
    down: str = ""
    flat: str = ""
    near: str = ""
    missing: str = "暂无数据"
    at: Fraction = Fraction(0)
    reached: str = ""
    below: str = ""
    years_back: int = 0
    cover: bool = False


@dataclass(frozen=True)
class Block:
    """One paragraph of the template: literal text with {holes}; or, with `outline`, where pieces are gathered."""

    kind: BlockKind
    text: str
    outline: str = ""

    def pieces(self) -> list[tuple[bool, str]]:
        """The text cut into (is a hole, literal or hole name)."""
        parts = _HOLE.split(self.text)
        return [(index % 2 == 1, part) for index, part in enumerate(parts) if part]


@dataclass(frozen=True)
class Template:
    """A report's sentences."""

    code: str
    name: str
    title: str
    version: int
    month: int
    blocks: tuple[Block, ...]
    slots: dict[str, Slot] = field(hash=False)

    @property
    def metrics(self) -> tuple[str, ...]:
        """All metric codes used, each once, in order."""
        return tuple(dict.fromkeys(metric for slot in self.slots.values() for metric in slot.metrics))


@dataclass(frozen=True)
class Piece:
    """A sentence that a module adds to a report: the outline it belongs to, in which of its parts, and where there."""

    outline: str
    part: int
    order: int
    text: str


@dataclass(frozen=True)
class Addition:
    """What one module adds to one report: its sentences and the places of their numbers."""

    report: str
    version: int
    pieces: tuple[Piece, ...]
    slots: dict[str, Slot] = field(hash=False)


@dataclass(frozen=True)
class Mask:
    """Which metrics' numbers are printed as "*"."""

    code: str
    name: str
    hide: tuple[str, ...]

    def hides(self, metric: str) -> bool:
        """Whether the number of that metric is covered (patterns as in file names)."""
        return any(fnmatchcase(metric, pattern) for pattern in self.hide)


_CHANGE_WORDS: dict[str, dict[str, str]] = {
    "change": {
        "up": "同比增长{}",
        "down": "同比下降{}",
        "flat": "同比持平",
        "near": "同比基本持平",
        "missing": "上年同期无可比数据",
    },
    "points": {
        "up": "比上年同期提高{}",
        "down": "比上年同期下降{}",
        "flat": "与上年同期持平",
        "near": "与上年同期基本持平",
        "missing": "上年同期无可比数据",
    },
}
_DEFAULT_PLACES = {
    "amount": 0,
    "change": 1,
    "rate": 1,
    "points": 2,
    "respectively": 1,
    "count": 0,
    "reached": 1,
}


def _slot(code: str, name: str, raw: dict) -> Slot:
    form = raw.get("form", "amount")
    if form not in FORMS or raw.get("unit", "auto") not in UNITS:
        raise BadTemplate(f"模板 {code} 的 {name} 写法不对：form 或 unit 不认识。", template=code, slot=name)
    metrics = tuple(raw.get("metrics", ())) or (raw["metric"],)
    given = {key: value for key, value in raw.items() if key not in ("metric", "metrics", "form")}
    if "at" in given:
        given["at"] = Fraction(given["at"])
    # 万元 are printed whole in a report, 亿元 with two decimals
    places = 2 if form == "amount" and raw.get("unit") in ("yi", "auto", None) else _DEFAULT_PLACES[form]
    settings = {"places": places, **_CHANGE_WORDS.get(form, {}), **given}
    return Slot(name=name, form=form, metrics=metrics, **settings)


def parse(text: str, *, source: str = "") -> Template:
    """This will read a template and check it against itself.

    :raises BadTemplate: a hole without slot, a slot without hole, an unknown form, unit or block kind.
    """
    raw = tomllib.loads(text)
    code = raw.get("code", source)
    slots = {name: _slot(code, name, body) for name, body in raw.get("slot", {}).items()}
    blocks = tuple(
        Block(block["kind"], block.get("text", ""), block.get("outline", "")) for block in raw["block"]
    )
    _check_holes(code, [block.text for block in blocks], slots)
    if bad := [block.kind for block in blocks if block.kind not in BLOCKS]:
        raise BadTemplate(f"模板 {code} 的段落类型不认识：{bad[0]}", template=code)
    return Template(
        code=code,
        name=raw["name"],
        title=raw["title"],
        version=raw["version"],
        month=raw["month"],
        blocks=blocks,
        slots=slots,
    )


def parse_addition(text: str, *, source: str) -> Addition:
    """This will read what a module adds to a report. :raises BadTemplate: as `parse`."""
    raw = tomllib.loads(text)
    slots = {name: _slot(source, name, body) for name, body in raw.get("slot", {}).items()}
    pieces = tuple(Piece(**piece) for piece in raw["piece"])
    _check_holes(source, [piece.text for piece in pieces], slots)
    return Addition(report=raw["report"], version=raw["version"], pieces=pieces, slots=slots)


def _check_holes(source: str, texts: Iterable[str], slots: Collection[str]) -> None:
    holes = {hole for text in texts for hole in _HOLE.findall(text)} - PARAMETERS
    if holes != set(slots):
        wrong = "、".join(sorted(holes ^ set(slots)))
        raise BadTemplate(f"模板 {source} 中这些位置与定义对不上：{wrong}", template=source)


@cache
def frames() -> dict[str, Template]:
    """The product's own templates, by code, without what modules add."""
    found = [
        parse(path.read_text(encoding="utf-8"), source=path.stem)
        for path in sorted(TEMPLATE_FOLDER.glob("*.toml"))
    ]
    return {template.code: template for template in found}


@cache
def masks() -> dict[str, Mask]:
    """All masks, by code."""
    raw = tomllib.loads(MASK_FILE.read_text(encoding="utf-8"))
    return {
        item["code"]: Mask(code=item["code"], name=item["name"], hide=tuple(item["hide"]))
        for item in raw["mask"]
    }


def unknown_metrics(item: Template, known: Collection[str]) -> list[str]:
    """Metric codes that the template uses and nobody declares (for the conformance test)."""
    return [code for code in item.metrics if code not in known]
