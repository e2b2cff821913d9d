"""The parts pages are made of, as frozen values: views fill them with text that is ready to read, templates only
set them out. A new module declares columns, filters, fields and acts; it writes no CSS and no template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from fisc.web.icons import icon


@dataclass(frozen=True)
class Crumb:
    """One step of the path above a document's number."""

    label: str
    href: str = ""


@dataclass(frozen=True)
class Action:
    """A button or link of a page head; `key` names its keyboard shortcut."""

    label: str
    href: str = ""
    icon: str = ""
    style: str = ""
    key: str = ""
    dialog: str = ""
    name: str = ""
    value: str = ""
    disabled: str = ""
    """Why the act is not possible now; the button stays, with this reason."""
    low: bool = False
    """Left out on narrow screens."""


@dataclass(frozen=True)
class Tab:
    """One state tab with its count."""

    label: str
    href: str
    count: str = ""
    current: bool = False


@dataclass(frozen=True)
class Option:
    """One choice of a select."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class FilterInput:
    """One control of the filter line, with what the address holds."""

    key: str
    label: str
    kind: str
    value: str = ""
    value_to: str = ""
    options: tuple[Option, ...] = ()
    more: bool = False


@dataclass(frozen=True)
class Head:
    """One column head. `sort` is "ascending" or "descending" when the table is sorted by it."""

    label: str
    kind: str = "text"
    pin: bool = False
    href: str = ""
    sort: str = ""
    money: bool = False
    fixed: bool = False
    css: str = ""
    span: int = 1
    rows: int = 1

    @property
    def names(self) -> str:
        """CSS classes."""
        return " ".join(
            filter(None, ["n" if self.kind in NUMERIC else "", "pin" if self.pin else "", self.css])
        )


NUMERIC = frozenset({"amount", "percent", "points", "count", "n"})


@dataclass(frozen=True)
class Cell:
    """One cell: content that is ready (escaped when plain text), its classes, its place on a phone's card."""

    content: str | SafeString = ""
    kind: str = "text"
    pin: bool = False
    css: str = ""
    span: int = 1
    title: str = ""

    @property
    def names(self) -> str:
        """CSS classes."""
        return " ".join(
            filter(None, ["n" if self.kind in NUMERIC else "", "pin" if self.pin else "", self.css])
        )


@dataclass(frozen=True)
class Row:
    """One table row; `id` makes it tickable, `steps` are the acts possible on it now."""

    cells: tuple[Cell, ...]
    id: int | None = None
    label: str = ""
    amount_fen: int = 0
    steps: str = ""
    css: str = ""
    level: int = 0


@dataclass(frozen=True)
class Total:
    """One line of totals."""

    cells: tuple[Cell, ...]
    css: str = ""


@dataclass(frozen=True)
class Empty:
    """What stands where there is nothing: why, and one way on."""

    text: str
    hint: str = ""
    icon: str = "inbox"
    href: str = ""
    action: str = ""


@dataclass(frozen=True)
class Table:
    """A table: heads, rows, totals. `groups` is the first row of a two-row head."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    totals: tuple[Total, ...] = ()
    groups: tuple[Head, ...] = ()
    ticks: bool = False
    cards: bool = False
    css: str = ""
    empty: Empty = field(default_factory=lambda: Empty("没有内容"))
    frame: str = "tw"

    @property
    def width(self) -> int:
        """How many columns a row across all of them spans."""
        return len(self.heads) + (1 if self.ticks else 0)


@dataclass(frozen=True)
class PageLink:
    """One number of the pager; no href is a gap."""

    label: str
    href: str = ""
    current: bool = False


@dataclass(frozen=True)
class Pager:
    """Where one is in a long list."""

    text: SafeString
    links: tuple[PageLink, ...] = ()


def page_links(*, page: int, pages: int, query: Mapping[str, Any]) -> tuple[PageLink, ...]:
    """1 2 3 4 5 … 26: the ends, and two around the current page."""
    if pages <= 1:
        return ()
    wanted = sorted({1, pages, *range(max(1, page - 2), min(pages, page + 2) + 1)})
    links, before = [], 0
    for number in wanted:
        if number > before + 1:
            links.append(PageLink("⋯"))
        links.append(
            PageLink(str(number), href="?" + encode({**query, "page": number}), current=number == page)
        )
        before = number
    return tuple(links)


def encode(query: Mapping[str, Any]) -> str:
    """A query string without empty values."""
    return urlencode({key: value for key, value in query.items() if value not in (None, "", [])}, doseq=True)


@dataclass(frozen=True)
class Pair:
    """One label and value of a field grid; `span` of 6 parts."""

    label: str
    content: str | SafeString
    span: int = 2
    pre: bool = False


def laid_out(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """This will put pairs into rows of six parts (a pair asks for 2, 3, 4 or 6) and stretch the last of each row."""
    out: list[Pair] = []
    line: list[Pair] = []

    def close() -> None:
        if line:
            free = 6 - sum(pair.span for pair in line)
            if len(line) == 2 and free == 2:  # two short ones share the row
                widths = [3, 3]
            else:
                widths = [pair.span for pair in line]
                widths[-1] += free
            out.extend(Pair(p.label, p.content, width, p.pre) for p, width in zip(line, widths, strict=True))
            line.clear()

    for pair in pairs:
        if sum(held.span for held in line) + pair.span > 6:
            close()
        line.append(pair)
    close()
    return tuple(out)


@dataclass(frozen=True)
class StepMark:
    """One point of the step line; tone is done, now, wrong or empty."""

    label: str
    who: str = ""
    tone: str = ""


@dataclass(frozen=True)
class FindingView:
    """One checked rule: tone block, warn, hint-f or pass."""

    tone: str
    title: str
    text: str
    href: str = ""
    link: str = ""

    @property
    def mark(self) -> SafeString:
        """The icon of the tone: octagon, triangle, check."""
        name, word = {
            "block": ("octagon-x", "阻断"), "warn": ("triangle-alert", "预警"),
            "hint-f": ("triangle-alert", "提示"), "pass": ("circle-check", "通过"),
        }[self.tone]  # fmt: skip
        return icon(name, word)


@dataclass(frozen=True)
class TrailEntry:
    """One entry of the approval trail."""

    title: str
    when: str
    text: str = ""
    quote: str = ""
    tone: str = ""


@dataclass(frozen=True)
class FileView:
    """One attachment."""

    name: str
    href: str
    note: str


@dataclass(frozen=True)
class WayView:
    """One lawful way on."""

    label: str
    href: str


@dataclass(frozen=True)
class RefusalView:
    """A refusal with its numbers and the ways on."""

    title: str
    text: str
    facts: tuple[tuple[str, str | SafeString], ...] = ()
    ways: tuple[WayView, ...] = ()
    tone: str = ""
    who: str = ""


@dataclass(frozen=True)
class Toast:
    """A short message bottom right."""

    text: str
    kind: str = ""
    href: str = ""


def link(text: str, href: str, *, css: str = "") -> SafeString:
    """A link, escaped."""
    if not href:
        return mark_safe(escape(text))
    return format_html('<a href="{}"{}>{}</a>', href, format_html(' class="{}"', css) if css else "", text)


def state(label: str, tone: str) -> SafeString:
    """A state: its mark (shape and colour) and its word."""
    return format_html('<span class="st {}">{}</span>', tone, label)


def tag(text: str, tone: str = "") -> SafeString:
    """A small tinted label for counts and grades."""
    return format_html('<span class="tag {}">{}</span>', tone, text)
