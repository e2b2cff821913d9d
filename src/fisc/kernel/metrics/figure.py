"""A figure: the value of one request, with everything needed to prove it.

The value is exact (a fraction, or whole 分); it is rounded half-up once, when printed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fisc.base.money import FEN_PER_UNIT, MINUS, UNIT_NAMES, Unit, round_fraction
from fisc.kernel.metrics import figure_id as figure_ids
from fisc.kernel.metrics.spec import Exact, FigureRequest, Metric

UNIT_LABEL = {"percent": "%", "points": "个百分点", "count": "", "number": ""}
NO_DATA = "—"


def round_half_up(value: Fraction | int, places: int) -> Decimal:
    """This will round an exact value once, half away from zero (四舍五入)."""
    whole = round_fraction(Fraction(value) * 10**places)
    digits = tuple(int(digit) for digit in str(abs(whole)))
    return Decimal((int(whole < 0), digits, -places))


@dataclass(frozen=True)
class Figure:
    """One figure. `inputs` are the figures of a formula (empty for an amount read from the books).

    `note` warns when its inputs are not comparable (a definition changed between the periods).
    """

    request: FigureRequest
    metric: Metric
    value: Exact
    inputs: tuple[Figure, ...] = ()
    note: str = ""

    @property
    def id(self) -> str:
        """The stable name (see `figure_id.py`)."""
        return figure_ids.encode(self.request)

    @property
    def url(self) -> str:
        """The address of the page that explains this figure."""
        return figure_ids.url(self.request)

    @property
    def decimal(self) -> Decimal | None:
        """The value as a decimal: 分 for amounts, else with 10 places; for machines."""
        if self.value is None:
            return None
        return round_half_up(self.value, 0 if self.metric.unit in ("fen", "count") else 10)

    def rounded(self, *, unit: Unit = "wan", places: int | None = None) -> Decimal | None:
        """The value as printed: amounts in `unit`, rates in percent; None when there is no data."""
        if self.value is None:
            return None
        scale = FEN_PER_UNIT[unit] if self.metric.unit == "fen" else 1
        return round_half_up(Fraction(self.value, scale), self.metric.places if places is None else places)

    def text(self, *, unit: Unit = "wan", places: int | None = None, sign: bool = False) -> str:
        """The number as text, grouped, "−" for minus, "—" for no data; `sign` writes "+" too. No unit word."""
        number = self.rounded(unit=unit, places=places)
        if number is None:
            return NO_DATA
        mark = MINUS if number < 0 else "+" if sign and number > 0 else ""
        return f"{mark}{abs(number):,f}"

    def unit_label(self, unit: Unit = "wan") -> str:
        """The unit's word: 万元, %, 个百分点."""
        return UNIT_NAMES[unit] if self.metric.unit == "fen" else UNIT_LABEL[self.metric.unit]

    def leaves(self) -> Iterator[Figure]:
        """All figures below that are read from the books (itself, when it is one)."""
        if not self.inputs:
            yield self
        for figure in self.inputs:
            yield from figure.leaves()

    @property
    def digest(self) -> str:
        """SM3 over the definition's version, the request, the value and the digests of the inputs (hex)."""
        return sm3(
            {
                "metric": self.metric.code,
                "version": self.metric.version,
                "definition": f"{self.metric.scope}|{self.metric.source!r}",
                "request": self.id,
                "value": None if self.value is None else str(self.value),
                "inputs": [figure.digest for figure in self.inputs],
            }
        )


def sm3(facts: object) -> str:
    """SM3 (GB/T 32905) of the facts written as canonical JSON, in hex."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.new("sm3", text.encode()).hexdigest()
