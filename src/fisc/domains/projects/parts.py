"""The parts of a project: 测算明细 (标准×数量), 资金来源, 绩效指标; checked, replaced whole, written set-based.

The lines of a year make the year's amount, the years stay within the total, the sources make the total: the database
holds all three (sql/parts.sql); here they are refused in words first.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from fisc.base.errors import BadInput, Conflict, Refusal
from fisc.base.money import Money, format_fen
from fisc.domains.projects import indicators as targets
from fisc.domains.projects.models import (
    EstimateLine,
    Indicator,
    Project,
    Source,
    SourceKind,
    YearAmount,
)
from fisc.kernel import codes
from fisc.kernel.documents.create import insert_rows
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import StepResult

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

PROJECT_KIND = "projects.project"
REPLAN_LIBRARY = "projects.project.replan_library"
DRAFT_STATES = ("draft", "returned")
BOND_KINDS = (SourceKind.GENERAL_BOND.value, SourceKind.SPECIAL_BOND.value)


class ChangedMeanwhile(Conflict):
    """项目“{project}”已被他人更改，请刷新后再改。"""

    code = "projects.changed_meanwhile"


class NotYetPlannable(Refusal):
    """项目“{project}”已{state}，测算明细、绩效指标须由预算股调整。"""

    code = "projects.not_plannable"


@dataclass(frozen=True)
class EstimateRow:
    """One line of a detailed estimate; its amount is 标准 × 数量, rounded half up to 分."""

    fiscal_year: int
    name: str
    economic_code: str
    standard_fen: int
    quantity: Decimal
    measure: str
    note: str = ""
    row_no: int = 0
    """Its number in the sheet; 0: the place among the lines."""

    @property
    def amount_fen(self) -> int:
        """标准 × 数量, 分."""
        return Money(self.standard_fen).times(self.quantity).fen


@dataclass(frozen=True)
class Parts:
    """What is to take the place of a project's parts; None leaves a part as it is."""

    estimates: tuple[EstimateRow, ...] | None = None
    indicators: tuple[Mapping[str, Any], ...] | None = None
    sources: Mapping[str, int] | None = None
    years: Mapping[int, int] = field(default_factory=dict)

    @property
    def year_amounts(self) -> dict[int, int]:
        """The amounts by year: those given, and for estimated years what their lines make."""
        made: dict[int, int] = defaultdict(int)
        for row in self.estimates or ():
            made[row.fiscal_year] += row.amount_fen
        return {**self.years, **made}


def taken_from(row: Mapping[str, Any]) -> Parts:
    """This function will read the parts of a draft's row. :raises BadInput: a line cannot be read."""
    given = row.get("indicators")
    if given is None and row.get("indicator_text"):
        given = targets.parse(row["indicator_text"])
    indicators = None
    if given is not None:
        indicators = tuple(targets.typed(line, number) for number, line in enumerate(given, start=1))
        targets.refuse_twice(indicators)
    estimates = row.get("estimates")
    sources = {kind: int(fen) for kind, fen in (row.get("sources") or {}).items() if fen}
    return Parts(
        estimates=tuple(map(estimate, estimates)) if estimates is not None else None,
        indicators=indicators,
        sources=sources or None,
        years=dict(row.get("years") or {}),
    )


def estimate(row: EstimateRow | Mapping[str, Any]) -> EstimateRow:
    """This function will make a typed line. :raises BadInput: the quantity is not a number."""
    if isinstance(row, EstimateRow):
        return row
    try:
        quantity = Decimal(str(row["quantity"]))
    except InvalidOperation:
        raise BadInput.of("projects.quantity", "数量“{text}”不是数字。", text=row["quantity"]) from None
    return EstimateRow(
        fiscal_year=int(row["fiscal_year"]),
        name=str(row.get("name") or ""),
        economic_code=str(row.get("economic_code") or ""),
        standard_fen=int(row.get("standard_fen") or 0),
        quantity=quantity,
        measure=str(row.get("measure") or ""),
        note=str(row.get("note") or ""),
    )


def problem_of(parts: Parts, *, total_fen: int, start_year: int, end_year: int) -> str:
    """Why these parts cannot be those of a project with that total and years; "" when they can. Pure."""
    for number, row in enumerate(parts.estimates or (), start=1):
        if what := _bad_line(row):
            return f"测算明细第 {number} 行：{what}。"
    years = parts.year_amounts
    if unequal := [year for year, fen in parts.years.items() if years[year] != fen]:
        made, fen = format_fen(years[unequal[0]]), format_fen(parts.years[unequal[0]])
        return f"{unequal[0]} 年测算明细合计 {made} 元，不等于当年安排 {fen} 元。"
    if outside := [year for year in sorted(years) if not start_year <= year <= end_year]:
        return f"{outside[0]} 年不在起止年度之内。"
    if (planned := sum(years.values())) > total_fen:
        return f"分年安排合计超过项目总额：{format_fen(planned)} 元大于 {format_fen(total_fen)} 元。"
    if parts.sources is not None and (what := _bad_sources(parts.sources, total_fen)):
        return what
    return ""


def _bad_line(row: EstimateRow) -> str:
    if not row.name:
        return "没有测算内容"
    if not row.measure:
        return "没有计量单位"
    if row.standard_fen <= 0 or row.quantity <= 0:
        return "标准和数量应大于零"
    if row.quantity != round(row.quantity, 4):
        return "数量最多四位小数"
    return "" if row.amount_fen > 0 else "标准×数量不足一分"


def _bad_sources(sources: Mapping[str, int], total_fen: int) -> str:
    if unknown := [kind for kind in sources if kind not in SourceKind.values]:
        return f"没有名为 {unknown[0]} 的资金来源。"
    if any(fen <= 0 for fen in sources.values()):
        return "资金来源的金额应大于零。"
    if (given := sum(sources.values())) != total_fen:
        return f"资金来源合计 {format_fen(given)} 元，不等于项目总额 {format_fen(total_fen)} 元。"
    return ""


def bad_codes(rows: Iterable[EstimateRow], *, year: int) -> dict[str, str]:
    """What is wrong with the economic codes of these lines, by code."""
    wanted = {row.economic_code for row in rows}
    found = codes.check_many(kind="economic_department", codes=wanted, year=year)
    return {code: problem.message for code, problem in found.items()}


def write(parts: Mapping[int, Parts]) -> None:
    """This function will put these parts in place of those the projects have; few statements for all."""
    _write_estimates({pk: part for pk, part in parts.items() if part.estimates is not None or part.years})
    _replace(Indicator, {pk: part.indicators for pk, part in parts.items()})
    _replace(
        Source,
        {
            pk: None
            if part.sources is None
            else [{"kind": kind, "amount_fen": fen} for kind, fen in part.sources.items()]
            for pk, part in parts.items()
        },
        numbered=False,
    )
    _mark_projects({pk: part.sources for pk, part in parts.items() if part.sources is not None})


def _replace(
    model: Any, rows: Mapping[int, Sequence[Mapping[str, Any]] | None], *, numbered: bool = True
) -> None:
    given = {pk: lines for pk, lines in rows.items() if lines is not None}
    if not given:
        return
    model.objects.filter(project_id__in=given).delete()
    insert_rows(
        model,
        [
            {**line, "project_id": pk, **({"row_no": line.get("row_no") or number} if numbered else {})}
            for pk, lines in given.items()
            for number, line in enumerate(lines, start=1)
        ],
    )


def _write_estimates(parts: Mapping[int, Parts]) -> None:
    """The lines, and the years they make; a year that had lines and has none now is no longer planned."""
    if not parts:
        return
    replaced = [pk for pk, part in parts.items() if part.estimates is not None]
    before: dict[int, set[int]] = defaultdict(set)
    for pk, year in EstimateLine.objects.filter(project_id__in=replaced).values_list(
        "project_id", "fiscal_year"
    ):
        before[pk].add(year)
    held: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, year, fen in YearAmount.objects.filter(project_id__in=parts).values_list(
        "project_id", "fiscal_year", "amount_fen"
    ):
        held[pk][year] = fen
    _replace(EstimateLine, {pk: _line_values(part) for pk, part in parts.items()})
    YearAmount.objects.filter(project_id__in=parts).delete()
    insert_rows(
        YearAmount,
        [
            {"project_id": pk, "fiscal_year": year, "amount_fen": fen}
            for pk, part in parts.items()
            for year, fen in {
                **{year: fen for year, fen in held[pk].items() if year not in before[pk]},
                **part.year_amounts,
            }.items()
        ],
    )


def _line_values(part: Parts) -> list[dict[str, Any]] | None:
    if part.estimates is None:
        return None
    return [
        {
            "fiscal_year": row.fiscal_year, "name": row.name, "economic_code": row.economic_code,
            "standard_fen": row.standard_fen, "quantity": row.quantity, "measure": row.measure,
            "amount_fen": row.amount_fen, "note": row.note, "row_no": row.row_no,
        }
        for row in part.estimates
    ]  # fmt: skip


def _mark_projects(sources: Mapping[int, Mapping[str, int]]) -> None:
    """A project with bond money is a bond project, one with money from above has it: the sources say so."""
    bond = [pk for pk, kinds in sources.items() if set(kinds) & set(BOND_KINDS)]
    upper = [pk for pk, kinds in sources.items() if SourceKind.UPPER.value in kinds]
    if bond:
        Project.objects.filter(pk__in=bond).update(is_bond=True)
    if upper:
        Project.objects.filter(pk__in=upper).update(has_upper_money=True)


def replan_many(
    *,
    parts: Mapping[int, Parts],
    actor: Actor,
    at: dt.datetime,
    versions: Mapping[int, int] | None = None,
) -> StepResult:
    """This function will replace the parts of many projects; drafts by their makers, others by the budget section.

    `versions` (project → the version it was read at) refuses what somebody has changed meanwhile.
    """
    return perform_many(
        kind=PROJECT_KIND, ids=list(parts), step="replan", actor=actor, at=at,
        data={"parts": parts, "versions": versions or {}},
    )  # fmt: skip


def replan(call: StepCall) -> None:
    """调整测算: `data["parts"]` take the place of the projects' parts."""
    parts: Mapping[int, Parts] = call.data["parts"]
    versions: Mapping[int, int] = call.data.get("versions") or {}
    rows = call.rows()
    bad = bad_codes(
        [row for part in parts.values() for row in part.estimates or ()],
        year=max((document.fiscal_year for document in call.documents), default=call.at.year),
    )
    others = _other_years(parts)
    for document in list(call.documents):
        row, part = rows[document.pk], parts[document.pk]
        if versions.get(document.pk, document.version) != document.version:
            call.refuse(
                document.pk,
                Refusal(str(ChangedMeanwhile(project=document.title)), code=ChangedMeanwhile.code),
            )
            continue
        if document.state not in DRAFT_STATES and not call.actor.can(REPLAN_LIBRARY):
            call.refuse(document.pk, NotYetPlannable(project=document.title, state=document.state_label))
            continue
        made = {line.fiscal_year for line in part.estimates or ()}
        staying = {year: fen for year, fen in others.get(document.pk, {}).items() if year not in made}
        whole = replace(part, years={**staying, **part.years})
        what = problem_of(
            whole, total_fen=document.amount_fen, start_year=row.start_year, end_year=row.end_year
        ) or next((bad[line.economic_code] for line in part.estimates or () if line.economic_code in bad), "")
        if what:
            call.refuse(document.pk, Refusal(f"项目“{document.title}”：{what}", code="projects.parts"))
    write({doc_id: parts[doc_id] for doc_id in call.ids})


def _other_years(parts: Mapping[int, Parts]) -> dict[int, dict[int, int]]:
    """Years whose amounts stay: those that are not made of estimate lines."""
    if all(part.estimates is None for part in parts.values()):
        return {}
    estimated = set(
        EstimateLine.objects.filter(project_id__in=parts).values_list("project_id", "fiscal_year").distinct()
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, year, fen in YearAmount.objects.filter(project_id__in=parts).values_list(
        "project_id", "fiscal_year", "amount_fen"
    ):
        if (pk, year) not in estimated:
            found[pk][year] = fen
    return found
