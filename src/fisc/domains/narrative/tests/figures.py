"""Figures made by hand, for tests of wording: no ledger behind them."""

from datetime import UTC, datetime

from fisc.domains.narrative.tests import seed
from fisc.kernel.metrics import formulas
from fisc.kernel.metrics.figure import Figure
from fisc.kernel.metrics.spec import Exact, FigureRequest, Flow, Metric

KNOWN_AT = datetime(2023, 7, 3, 9, 0, tzinfo=UTC)
AMOUNTS = {
    2023: {
        "revenue.tax": seed.TAX,
        "revenue.nontax": seed.NONTAX,
        "revenue.general": seed.TAX + seed.NONTAX,
        "revenue.total": seed.TAX + seed.NONTAX + seed.OTHER_LEVELS,
        "revenue.tax.task": seed.TASK_TAX,
        "revenue.nontax.task": seed.TASK_NONTAX,
        "revenue.general.task": seed.TASK_TAX + seed.TASK_NONTAX,
        "revenue.total.task": seed.TASK_TAX + seed.TASK_NONTAX + seed.TASK_OTHER,
        "expenditure.general": seed.EXPENDITURE,
        "expenditure.livelihood": seed.LIVELIHOOD,
    },
    2022: {
        "revenue.tax": seed.TAX_BEFORE,
        "revenue.nontax": seed.NONTAX_BEFORE,
        "revenue.general": seed.TAX_BEFORE + seed.NONTAX_BEFORE,
        "revenue.total": seed.TAX_BEFORE + seed.NONTAX_BEFORE + seed.OTHER_LEVELS_BEFORE,
        "expenditure.general": seed.EXPENDITURE_BEFORE,
    },
}
FORMULAS = {
    **{
        f"revenue.{part}.{rate}": formula
        for part in ("total", "general", "tax", "nontax")
        for rate, formula in (
            ("growth", formulas.Growth(of=f"revenue.{part}")),
            ("completion", formulas.Completion(of=f"revenue.{part}", task=f"revenue.{part}.task")),
        )
    },
    "revenue.tax.share": formulas.Share(part="revenue.tax", whole="revenue.general"),
    "revenue.tax.share_change": formulas.ShareChange(part="revenue.tax", whole="revenue.general"),
    "expenditure.general.growth": formulas.Growth(of="expenditure.general"),
    "expenditure.livelihood.share": formulas.Share(
        part="expenditure.livelihood", whole="expenditure.general"
    ),
}


def amount(code: str, value: Exact, *, year: int = 2023) -> Figure:
    """A figure in fen."""
    metric = Metric(
        code=code, title=code, unit="fen", scope="测试", source=Flow(book="revenue", subjects=("4003",))
    )
    return Figure(
        request=FigureRequest(metric=code, year=year, month=6, as_known_on=KNOWN_AT),
        metric=metric,
        value=value,
    )


def figure(code: str, amounts: dict[int, dict[str, int]] = AMOUNTS) -> Figure:
    """The figure of that code in June 2023, computed from the amounts by year."""
    if code not in FORMULAS:
        return amount(code, amounts[2023].get(code))
    formula = FORMULAS[code]
    unit = "points" if isinstance(formula, formulas.ShareChange) else "percent"
    metric = Metric(code=code, title=code, unit=unit, scope="测试", source=formula)
    request = FigureRequest(metric=code, year=2023, month=6, as_known_on=KNOWN_AT)
    inputs = tuple(
        amount(item.metric, amounts.get(item.year, {}).get(item.metric), year=item.year)
        for item in formula.inputs(request)
    )
    value = formula.compute(tuple(item.value for item in inputs), request)
    return Figure(request=request, metric=metric, value=value, inputs=inputs)


def figures(codes: tuple[str, ...], amounts: dict[int, dict[str, int]] = AMOUNTS) -> dict[str, Figure]:
    """Figures by code."""
    return {code: figure(code, amounts) for code in codes}
