"""The metrics that are in force: found by code and period; definitions may have versions with dates.

`install` is called once by the module registry; tests pass a catalogue of their own.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from fisc.base.errors import FiscError
from fisc.kernel.metrics.spec import FigureRequest, Flow, Metric, ViewCount


class UnknownMetric(FiscError):
    """没有名为“{metric}”的指标，或该指标在 {year} 年 {month} 月没有生效的口径。"""

    code = "metrics.unknown_metric"


class BadCatalogue(FiscError):
    """指标定义有误：{message}"""

    code = "metrics.bad_catalogue"


@dataclass(frozen=True)
class Catalogue:
    """All metrics by code, each with its versions in order."""

    by_code: dict[str, tuple[Metric, ...]] = field(default_factory=dict)

    def __contains__(self, code: str) -> bool:
        return code in self.by_code

    def __iter__(self) -> Iterator[Metric]:
        return (metric for versions in self.by_code.values() for metric in versions)

    def metric(self, code: str, *, year: int, month: int) -> Metric:
        """The definition in force on the last day of the month.

        :raises UnknownMetric: there is none.
        """
        day = date(year, month, monthrange(year, month)[1])
        for metric in self.by_code.get(code, ()):
            if metric.holds_on(day):
                return metric
        raise UnknownMetric(metric=code, year=year, month=month)

    def of(self, request: FigureRequest) -> Metric:
        """The definition that a request asks for."""
        return self.metric(request.metric, year=request.year, month=request.month)

    def latest(self, code: str) -> Metric:
        """The newest version, for lists. :raises UnknownMetric: there is none."""
        versions = self.by_code.get(code)
        if not versions:
            raise UnknownMetric(metric=code, year=0, month=0)
        return versions[-1]


def catalogue_of(metrics: Iterable[Metric]) -> Catalogue:
    """This will put metrics into a catalogue.

    :raises BadCatalogue: two versions of one code hold on the same day, or a formula names an unknown metric.
    """
    by_code: dict[str, list[Metric]] = {}
    for metric in metrics:
        by_code.setdefault(metric.code, []).append(metric)
    for versions in by_code.values():
        _check_versions(sorted(versions, key=lambda metric: metric.valid_from or date.min))
    made = Catalogue(
        {
            code: tuple(sorted(versions, key=lambda m: m.valid_from or date.min))
            for code, versions in by_code.items()
        }
    )
    for problem in unknown_inputs(made):
        raise BadCatalogue(message=problem)
    return made


def _check_versions(versions: list[Metric]) -> None:
    for earlier, later in pairwise(versions):
        if earlier.valid_to is None or later.valid_from is None or earlier.valid_to >= later.valid_from:
            raise BadCatalogue(message=f"“{later.code}”有两个口径同时生效。")


def unknown_inputs(made: Catalogue) -> list[str]:
    """Formulas that name metrics nobody declares, one sentence each."""
    problems = []
    for metric in made:
        if isinstance(metric.source, Flow | ViewCount):
            continue
        for needed in metric.source.inputs(FigureRequest(metric=metric.code, year=2023, month=6)):
            if needed.metric not in made:
                problems.append(f"“{metric.code}”的算式用到没有定义的指标“{needed.metric}”。")
    return problems


_installed: Catalogue | None = None


def install(metrics: Iterable[Metric]) -> Catalogue:
    """This will make the product's metrics known; called once when all modules are installed."""
    global _installed
    _installed = catalogue_of(metrics)
    return _installed


def current() -> Catalogue:
    """The product's metrics. :raises RuntimeError: nothing was installed yet."""
    if _installed is None:
        raise RuntimeError("no metrics installed: fisc.kernel.metrics.catalogue.install comes first")
    return _installed
