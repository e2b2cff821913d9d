"""The arithmetic of the figure dictionary (F1 to F22), exact on whole 分, rounded only at print.

Every class says which figures it needs (`inputs`) and what they make (`compute`); results are fractions, so that no
digit is lost before the one rounding at print. A missing input gives None: no data is not zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from fisc.base.money import format_fen
from fisc.kernel.metrics.spec import Exact, FigureRequest

HUNDRED = 100
TWO_THIRDS = Fraction(200, 3)
"""F11 in percent: at least this share of the growth of spending goes to 民生."""
MONTHS_PER_YEAR = 12


def _all(values: tuple[Exact, ...], make: Callable[..., Exact]) -> Exact:
    return None if any(value is None for value in values) else make(*values)


def _ratio(part: Fraction | int, whole: Fraction | int) -> Exact:
    return None if whole <= 0 else Fraction(part) / Fraction(whole) * HUNDRED


@dataclass(frozen=True)
class Growth:
    """F1 同比增长%: (本期 − 上年同期) ÷ 上年同期 × 100; None when the base is not positive (then only 增减额 is printed)."""

    of: str
    formula_id: str = "F1"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.of), request.last_year(self.of))

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, lambda now, before: _ratio(now - before, before))

    def wording(self, names: tuple[str, ...]) -> str:
        return f"（{names[0]} − {names[1]}）÷ {names[1]} × 100"


@dataclass(frozen=True)
class Increase:
    """增减额: 本期 − 上年同期, in the unit of the figure itself."""

    of: str
    formula_id: str = "F1"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.of), request.last_year(self.of))

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, lambda now, before: now - before)

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} − {names[1]}"


@dataclass(frozen=True)
class LastYear:
    """上年同期: the same figure one year before."""

    of: str
    formula_id: str = "F1"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.last_year(self.of),)

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return values[0]

    def wording(self, names: tuple[str, ...]) -> str:
        return names[0]


@dataclass(frozen=True)
class Rate:
    """A rate in percent: 部分 ÷ 整体 × 100 (F5 支付率/执行率, F7, F13 coverage, F15, F17, F20); None when 整体 ≤ 0."""

    part: str
    whole: str
    formula_id: str = "F5"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.part), request.of(self.whole))

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, _ratio)

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} ÷ {names[1]} × 100"


@dataclass(frozen=True)
class Share(Rate):
    """F4 占比%: 部分 ÷ 整体 × 100."""

    formula_id: str = "F4"


@dataclass(frozen=True)
class Completion:
    """F2 完成年度任务%: 累计完成 ÷ 年度任务 × 100; the base is named by the task metric."""

    of: str
    task: str
    formula_id: str = "F2"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.of), request.of(self.task))

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, _ratio)

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} ÷ {names[1]} × 100"


@dataclass(frozen=True)
class PaceGap(Completion):
    """F3 序时差 in 百分点: 完成年度任务% − 月数 ÷ 12 × 100 (fiscal months, not days)."""

    formula_id: str = "F3"

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        done = super().compute(values, request)
        return None if done is None else done - time_progress(request.month)

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} ÷ {names[1]} × 100 − 月数 ÷ 12 × 100"


@dataclass(frozen=True)
class ShareChange:
    """F4 占比变动 in 百分点: 本期占比 − 上年同期占比; a difference, never a growth in %."""

    part: str
    whole: str
    formula_id: str = "F4"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (
            request.of(self.part),
            request.of(self.whole),
            request.last_year(self.part),
            request.last_year(self.whole),
        )

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        now, before = _all(values[:2], _ratio), _all(values[2:], _ratio)
        return _all((now, before), lambda this, last: this - last)

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} ÷ {names[1]} × 100 − {names[2]} ÷ {names[3]} × 100"


@dataclass(frozen=True)
class IncrementShare:
    """F11 民生增量占比: Δ部分 ÷ Δ整体 × 100; None when Δ整体 ≤ 0 (then both Δ are printed)."""

    part: str
    whole: str
    formula_id: str = "F11"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (
            request.of(self.part),
            request.last_year(self.part),
            request.of(self.whole),
            request.last_year(self.whole),
        )

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, lambda part, part0, whole, whole0: _ratio(part - part0, whole - whole0))

    def why_none(self, values: tuple[Exact, ...], names: tuple[str, ...]) -> str:
        """Both Δ in words where the whole has not grown and so there is no share; empty where there is one."""
        if any(value is None for value in values):
            return ""
        part, part0, whole, whole0 = (int(value or 0) for value in values)
        if whole > whole0:
            return ""
        return (
            f"{names[2]}增量 {format_fen(whole - whole0)} 元，不为正，增量占比不计算；"
            f"{names[0]}增量 {format_fen(part - part0)} 元。"
        )

    def wording(self, names: tuple[str, ...]) -> str:
        return f"（{names[0]} − {names[1]}）÷（{names[2]} − {names[3]}）× 100"


@dataclass(frozen=True)
class Difference:
    """a − b, in their own unit (F6 净核减额, F8 压减额, 调整数)."""

    a: str
    b: str
    formula_id: str = "F6"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.a), request.of(self.b))

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, lambda a, b: a - b)

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} − {names[1]}"


@dataclass(frozen=True)
class ReductionRate:
    """F6 核减率, F8 压减比例: (送审 − 审定) ÷ 送审 × 100, on the sums, never a mean of rates."""

    before: str
    after: str
    formula_id: str = "F6"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.before), request.of(self.after))

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, lambda before, after: _ratio(before - after, before))

    def wording(self, names: tuple[str, ...]) -> str:
        return f"（{names[0]} − {names[1]}）÷ {names[0]} × 100"


@dataclass(frozen=True)
class Sum:
    """Σ of several figures (F18 上级补助). A part without data counts nothing; all without data: no figure."""

    parts: tuple[str, ...]
    formula_id: str = "F18"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return tuple(request.of(part) for part in self.parts)

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    def wording(self, names: tuple[str, ...]) -> str:
        return " ＋ ".join(names)


@dataclass(frozen=True)
class Weighted:
    """F21: Σ weight × part; weights in percent and together 100."""

    parts: tuple[tuple[str, int], ...]
    formula_id: str = "F21"

    def __post_init__(self) -> None:
        if sum(weight for _, weight in self.parts) != HUNDRED:
            raise ValueError("weights do not make 100 %")

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return tuple(request.of(part) for part, _ in self.parts)

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        weights = [weight for _, weight in self.parts]
        return _all(
            values, lambda *known: Fraction(sum(v * w for v, w in zip(known, weights, strict=True)), HUNDRED)
        )

    def wording(self, names: tuple[str, ...]) -> str:
        return " ＋ ".join(f"{n} × {w}％" for n, (_, w) in zip(names, self.parts, strict=True))


@dataclass(frozen=True)
class Quota:
    """F22 目标户数: the smallest whole number not below n × percent."""

    of: str
    percent: int
    formula_id: str = "F22"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.of),)

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(values, lambda n: ceil(Fraction(n) * self.percent / HUNDRED))

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} × {self.percent}％，不足一户按一户计"


@dataclass(frozen=True)
class MonthsCover:
    """F14 库款保障水平: 月末余额 ÷ 前 12 个月月均流出 (a plain number); None when nothing flowed out."""

    balance: str
    outflow: str
    formula_id: str = "F14"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return (request.of(self.balance), *(months_before(request, n, self.outflow) for n in range(12)))

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        def cover(balance: int, *outflows: int) -> Exact:
            total = sum(outflows)
            return None if total <= 0 else Fraction(balance * MONTHS_PER_YEAR) / Fraction(total)

        return _all(values, cover)

    def wording(self, names: tuple[str, ...]) -> str:
        return f"{names[0]} ÷（前 12 个月流出合计 ÷ 12）"


@dataclass(frozen=True)
class Shortfall:
    """F13 缺口: Σ max(0, 需求ᵢ − 安排ᵢ) item by item; one item's surplus never covers another's gap."""

    pairs: tuple[tuple[str, str], ...]
    formula_id: str = "F13"

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]:
        return tuple(request.of(code) for pair in self.pairs for code in pair)

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact:
        return _all(
            values, lambda *known: sum(max(0, known[i] - known[i + 1]) for i in range(0, len(known), 2))
        )

    def wording(self, names: tuple[str, ...]) -> str:
        gaps = [f"max(0, {names[i]} − {names[i + 1]})" for i in range(0, len(names), 2)]
        return " ＋ ".join(gaps)


def time_progress(month: int) -> Fraction:
    """时间进度 in percent at the end of a month: month ÷ 12 × 100."""
    return Fraction(month * HUNDRED, MONTHS_PER_YEAR)


def months_before(request: FigureRequest, count: int, metric: str) -> FigureRequest:
    """The request `count` months earlier."""
    index = request.year * MONTHS_PER_YEAR + request.month - 1 - count
    return FigureRequest(
        metric=metric,
        year=index // MONTHS_PER_YEAR,
        month=index % MONTHS_PER_YEAR + 1,
        unit_ids=request.unit_ids,
        function=request.function,
        revenue=request.revenue,
        fund=request.fund,
        as_known_on=request.as_known_on,
    )
