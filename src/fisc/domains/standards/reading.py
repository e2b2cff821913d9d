"""Needs as the pages and sheets show them: the published view with the names of its standards. Few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from fisc.domains.standards import needs
from fisc.domains.standards.measures import PUPILS
from fisc.domains.standards.models import Standard
from fisc.domains.standards.needs import DatedAmount, Rule

OF_UNITS = """
SELECT n.unit_id, n.standard_code, s.name, n.category, n.economic_code, n.guarantee_item, n.level, n.measure,
    n.standard_fen, n.quantity, n.reported, n.amount_fen
FROM v_standards_need AS n
JOIN standards_standard AS s ON s.code = n.standard_code
WHERE n.fiscal_year = %s AND n.unit_id = ANY(%s)
ORDER BY n.unit_id, n.category, n.standard_code
"""
BY_UNIT = """
SELECT unit_id,
    coalesce(sum(amount_fen) FILTER (WHERE category = 'personnel'), 0)::bigint,
    coalesce(sum(amount_fen) FILTER (WHERE category = 'public'), 0)::bigint,
    coalesce(sum(amount_fen) FILTER (WHERE measure LIKE 'pupils\\_%%' OR measure = 'boarders'), 0)::bigint,
    sum(amount_fen)::bigint
FROM v_standards_need
WHERE fiscal_year = %s
GROUP BY unit_id
"""
QUANTITIES = """
SELECT standard_code, sum(quantity)::bigint, sum(amount_fen)::bigint, count(*)::integer
FROM v_standards_need
WHERE fiscal_year = %s AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
GROUP BY standard_code
"""
OF_STANDARD = """
SELECT n.unit_id, u.code, u.name, n.reported, n.quantity, n.amount_fen
FROM v_standards_need AS n
JOIN orgs_unit AS u ON u.id = n.unit_id
WHERE n.fiscal_year = %s AND n.standard_code = %s
ORDER BY n.amount_fen DESC, u.code
"""
BY_LEVEL = """
WITH schools AS (
    SELECT measure, unit_id, max(reported) AS reported, max(quantity) AS quantity, sum(amount_fen) AS amount_fen
    FROM v_standards_need
    WHERE fiscal_year = %s AND (measure LIKE 'pupils\\_%%' OR measure = 'boarders')
        AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
    GROUP BY measure, unit_id
), standing AS (
    SELECT s.measure,
        sum(r.standard_fen) FILTER (WHERE r.fiscal_year = %s) AS now_fen,
        sum(r.standard_fen) FILTER (WHERE r.fiscal_year = %s) AS before_fen
    FROM standards_standard AS s
    JOIN v_standards_rate AS r ON r.standard_id = s.id
    GROUP BY s.measure
)
SELECT k.measure, count(*)::integer, sum(k.reported)::bigint, sum(k.quantity)::bigint, sum(k.amount_fen)::bigint,
    t.now_fen::bigint, t.before_fen::bigint
FROM schools AS k
JOIN standing AS t ON t.measure = k.measure
GROUP BY k.measure, t.now_fen, t.before_fen
"""
YEARS = "SELECT DISTINCT fiscal_year FROM v_standards_figure ORDER BY 1 DESC"


@dataclass(frozen=True)
class NeedLine:
    """One line of a 测算表."""

    unit_id: int
    code: str
    name: str
    category: str
    economic_code: str
    guarantee_item: str
    level: str
    measure: str
    standard_fen: int
    quantity: int
    reported: int
    amount_fen: int

    @property
    def explanation(self) -> str:
        """标准 × 数量, in words."""
        return needs.explanation(
            measure=self.measure,
            standard_fen=self.standard_fen,
            quantity=self.quantity,
            reported=self.reported,
        )


@dataclass(frozen=True)
class UnitNeed:
    """What a unit needs, in 分; `pupils_fen` (F12) is part of `public_fen`."""

    personnel_fen: int
    public_fen: int
    pupils_fen: int
    total_fen: int


@dataclass(frozen=True)
class SchoolLevel:
    """生均公用经费 of one 学段 (or the boarders), F12; standards are 国家基准 and 地方提标 together, a year."""

    measure: str
    schools: int
    reported: int
    counted: int
    amount_fen: int
    standard_fen: int
    before_fen: int | None

    @property
    def raise_fen(self) -> int | None:
        """How much more than last year, per pupil."""
        return None if self.before_fen is None else self.standard_fen - self.before_fen

    @property
    def raise_cost_fen(self) -> int | None:
        """调标增支: Δ标准 × 学生数."""
        return None if self.raise_fen is None else self.raise_fen * self.counted


@dataclass(frozen=True)
class Quantity:
    """How much a standard counts in the whole district."""

    quantity: int
    amount_fen: int
    units: int


def _rows(query: str, parameters: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(query, list(parameters))
        return cursor.fetchall()


def needs_of(*, year: int, unit_ids: Sequence[int]) -> list[NeedLine]:
    """The lines of these units."""
    return [NeedLine(*row) for row in _rows(OF_UNITS, (year, list(unit_ids)))]


def needs_by_unit(*, year: int) -> dict[int, UnitNeed]:
    """The sums of every unit."""
    return {unit_id: UnitNeed(*sums) for unit_id, *sums in _rows(BY_UNIT, (year,))}


def quantities(*, year: int, unit_ids: Iterable[int] | None = None) -> dict[str, Quantity]:
    """What each standard counts in a year, in all units or in these."""
    chosen = None if unit_ids is None else sorted(unit_ids)
    return {code: Quantity(*rest) for code, *rest in _rows(QUANTITIES, (year, chosen, chosen))}


def units_of(*, year: int, code: str) -> list[tuple[int, str, str, int, int, int]]:
    """Unit id, code, name, reported, counted, need of each unit a standard applies to."""
    return _rows(OF_STANDARD, (year, code))


def school_levels(*, year: int, unit_ids: Iterable[int] | None = None) -> list[SchoolLevel]:
    """生均公用经费 by 学段, in the order of the measures."""
    chosen = None if unit_ids is None else sorted(unit_ids)
    found = {row[0]: SchoolLevel(*row) for row in _rows(BY_LEVEL, (year, chosen, chosen, year, year - 1))}
    return [found[code] for code in (*PUPILS, "boarders") if code in found]


def years_with_figures() -> list[int]:
    """The years with accepted reports, the latest first."""
    return [row[0] for row in _rows(YEARS, ())]


def rules() -> list[Rule]:
    """All standards as the pure calculation takes them."""
    return [
        Rule(standard.code, standard.measure, standard.scope, amounts_of(standard))
        for standard in Standard.objects.prefetch_related("rates")
    ]


def amounts_of(standard: Standard) -> tuple[DatedAmount, ...]:
    """Its dated amounts, the earliest first."""
    return tuple(
        DatedAmount(rate.amount_fen, rate.valid_from, rate.valid_to, rate.least_quantity)
        for rate in sorted(standard.rates.all(), key=lambda rate: rate.valid_from)
    )


def totals_of(lines: Sequence[NeedLine]) -> Mapping[str, int]:
    """Sums by category."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.category] = found.get(line.category, 0) + line.amount_fen
    return found
