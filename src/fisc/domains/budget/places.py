"""Reading the dimensions and the figures of allotments from the ledger; completing and checking lines of the budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fisc.base.errors import BadInput, Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.budget import postings
from fisc.domains.budget.dimensions import FUND_LABELS, FUNDS, spending_of_category
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.postings import Place
from fisc.kernel import codes, ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.outcomes import Refused
from fisc.kernel.orgs.models import Unit

PROJECT_KIND = "projects.project"
ALLOTMENT_KIND = "budget.allotment"
OPEN_PROJECT_STATES = ("in_library", "running")
CATEGORY_OF_TAG = {"人员类": "personnel", "运转类（公用经费）": "public"}
"""The categories that are basic spending, by the tag that the project register puts on the header."""


class PoolShort(Refusal):
    """“{what}”待分指标只有 {available} 元，本次需要 {required} 元，还差 {shortfall} 元。"""

    code = "budget.pool_short"


class AllotmentShort(Refusal):
    """指标“{what}”可用 {available} 元，本次需要 {required} 元，还差 {shortfall} 元。"""

    code = "budget.allotment_short"


class IdleShort(Refusal):
    """{fund}可统筹的盘活存量资金只有 {available} 元，本次需要 {required} 元，还差 {shortfall} 元。"""

    code = "budget.idle_short"


class ProjectOverTotal(Refusal):
    """项目“{what}”可安排额度只有 {available} 元，本次需要 {required} 元，已安排数不得超过项目总额。"""

    code = "budget.project_over_total"


@dataclass(frozen=True, slots=True)
class Project:
    """What the budget knows of a project, from its header."""

    id: int
    number: str
    title: str
    state: str
    spending: str
    code: str


def projects_by_id(ids: Iterable[int]) -> dict[int, Project]:
    """Return the projects of these ids."""
    found = Document.objects.filter(kind=PROJECT_KIND, id__in=set(ids)).values_list(
        "id", "number", "title", "state", "tags"
    )
    return {row[0]: _project(*row) for row in found}


def projects_by_code(project_codes: Iterable[str]) -> dict[str, Project]:
    """Return the projects of these 项目编码 (the first tag of a project's header)."""
    found = Document.objects.filter(kind=PROJECT_KIND, tags__overlap=sorted(set(project_codes))).values_list(
        "id", "number", "title", "state", "tags"
    )
    return {project.code: project for project in (_project(*row) for row in found)}


def _project(doc_id: int, number: str, title: str, state: str, tags: Sequence[str]) -> Project:
    category = next((CATEGORY_OF_TAG[tag] for tag in tags if tag in CATEGORY_OF_TAG), "special")
    return Project(doc_id, number, title, state, spending_of_category(category), tags[0] if tags else "")


def place_of(row: Any, *, fiscal_year: int, unit_id: int, allotment_id: int | None = None) -> Place:
    """Return the place that an approved line or an allotment row names."""
    return Place(
        fiscal_year=fiscal_year,
        unit_id=unit_id,
        project_id=row.project_id,
        fund=row.fund,
        function_code=row.function_code,
        economic_code=row.economic_code,
        flags=row.flags,
        allotment_id=allotment_id,
    )


def allotment_places(allotment_ids: Iterable[int]) -> dict[int, tuple[Document, Allotment, Place]]:
    """Return header, row and place of each allotment; two queries for all."""
    rows = Allotment.objects.select_related("document").in_bulk(sorted(set(allotment_ids)))
    return {
        doc_id: (
            row.document,
            row,
            place_of(
                row, fiscal_year=row.document.fiscal_year, unit_id=row.document.unit_id, allotment_id=doc_id
            ),
        )
        for doc_id, row in rows.items()
    }


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the money of an allotment is, in 分: approved = paid + held + frozen + planned + available + closed.

    `closed_fen`: what the year end carried over (671) or took back (672).
    """

    approved_fen: int = 0
    paid_fen: int = 0
    held_fen: int = 0
    frozen_fen: int = 0
    planned_fen: int = 0
    available_fen: int = 0
    closed_fen: int = 0


def figures(allotment_ids: Iterable[int]) -> dict[int, Figures]:
    """Return the figures of the allotments, from the balances of their accounts; one query for all."""
    wanted = tuple(sorted(set(allotment_ids)))
    if not wanted:
        return {}
    selection = ledger.Selection(book=postings.BOOK, subjects=("63", "65", "66", "67"), allotment_ids=wanted)
    parts: dict[int, dict[str, ledger.Balance]] = {allotment_id: {} for allotment_id in wanted}
    for (allotment_id, subject), balance in ledger.balances(
        selection, group_by=("allotment_id", "subject")
    ).items():
        parts[allotment_id][subject] = balance
    return {allotment_id: _figures(balances) for allotment_id, balances in parts.items()}


def _figures(balances: Mapping[str, ledger.Balance]) -> Figures:
    def posted(*subjects: str) -> int:
        return sum(balances[subject].posted_fen for subject in subjects if subject in balances)

    held = sum(balance.held_fen for balance in balances.values())
    return Figures(
        approved_fen=sum(balance.posted_fen for balance in balances.values()),
        paid_fen=posted(postings.SPENT),
        held_fen=held,
        frozen_fen=posted(postings.FROZEN),
        planned_fen=posted(postings.PLAN_FUTURE),
        available_fen=posted(postings.UNIT, postings.EXECUTABLE, postings.PLAN_DUE) - held,
        closed_fen=posted(postings.CARRIED_OVER, postings.RECOVERED),
    )


class Mapper:
    """部门经济分类 → 政府经济分类 by kind of unit; asks once per pair."""

    def __init__(self, year: int) -> None:
        self.year = year
        self._known: dict[tuple[str, str], list[str]] = {}

    def allowed(self, economic_code: str, unit_kind: str) -> list[str]:
        """The government items this item may go into, best first."""
        pair = (economic_code, unit_kind)
        if pair not in self._known:
            self._known[pair] = codes.government_codes(
                department_code=economic_code, unit_kind=unit_kind, year=self.year
            )
        return self._known[pair]


def complete_dimensions(rows: Sequence[dict[str, Any]], *, year: int) -> list[str]:
    """This function will check codes, projects and the government item of the rows, and fill what can be derived.

    Each row has unit_id, project_id, fund, function_code, economic_code, flags; `spending` and `government_code` are
    filled in. Returns what is wrong as sentences, in the order of the rows; nothing is changed in wrong rows.
    """
    projects = projects_by_id(row["project_id"] for row in rows if row.get("project_id"))
    unit_kinds = dict(
        Unit.objects.filter(id__in={row["unit_id"] for row in rows}).values_list("id", "unit_kind")
    )
    bad_codes = _bad_codes(rows, year)
    mapper = Mapper(year)
    problems = []
    for number, row in enumerate(rows, 1):
        problem = _problem(row, projects, bad_codes)
        if problem is None:
            problem = _derive(row, projects[row["project_id"]], unit_kinds[row["unit_id"]], mapper)
        if problem:
            problems.append(f"第 {number} 行：{problem}" if len(rows) > 1 else problem)
    return problems


def _bad_codes(rows: Sequence[dict[str, Any]], year: int) -> Mapping[tuple[str, str], str]:
    """(fund or "", code) → what is wrong with it; one look per fund."""
    bad: dict[tuple[str, str], str] = {}
    for fund in {row["fund"] for row in rows}:
        if fund not in FUNDS:
            bad[fund, ""] = f"资金性质“{fund}”不在代码表中。"
            continue
        wanted = {row["function_code"] for row in rows if row["fund"] == fund}
        found = codes.check_many(kind="function", codes=wanted, year=year, fund=fund)
        bad.update({(fund, code): problem.message for code, problem in found.items()})
    items = {row["economic_code"] for row in rows}
    found = codes.check_many(kind="economic_department", codes=items, year=year)
    bad.update({("", code): problem.message for code, problem in found.items()})
    return bad


def _problem(
    row: dict[str, Any], projects: Mapping[int, Project], bad_codes: Mapping[tuple[str, str], str]
) -> str | None:
    for key in ((row["fund"], ""), (row["fund"], row["function_code"]), ("", row["economic_code"])):
        if key in bad_codes:
            return bad_codes[key]
    project = projects.get(row.get("project_id") or 0)
    if project is None:
        return "没有这个项目，预算一律以项目形式编列。"
    if project.state not in OPEN_PROJECT_STATES:
        return f"项目“{project.title}”尚未入库或已经结束，不能安排预算。"
    return None


def _derive(row: dict[str, Any], project: Project, unit_kind: str, mapper: Mapper) -> str | None:
    allowed = mapper.allowed(row["economic_code"], unit_kind)
    given = row.get("government_code") or ""
    if given and allowed and given not in allowed:
        return f"部门经济分类 {row['economic_code']} 对应政府经济分类 {'或'.join(allowed)}，不是 {given}。"
    row["government_code"] = given or (allowed[0] if allowed else "")
    row["spending"] = project.spending
    return None


def mark_codes_used(places: Iterable[Place]) -> None:
    """This function will fix the meaning of the codes of these places in their year."""
    functions: dict[tuple[int, str], set[str]] = {}
    items: dict[int, set[str]] = {}
    for place in places:
        functions.setdefault((place.fiscal_year, place.fund), set()).add(place.function_code)
        items.setdefault(place.fiscal_year, set()).add(place.economic_code)
    for (year, fund), wanted in functions.items():
        codes.mark_used(kind="function", codes=wanted, year=year, fund=fund)
    for year, wanted in items.items():
        codes.mark_used(kind="economic_department", codes=wanted, year=year)


def explain(refusals: Sequence[Refused]) -> list[Refusal]:
    """Return a refusal in the words of the budget for each refusal of the ledger."""
    ids = {
        number
        for refused in refusals
        if refused.account
        for number in (refused.account.key.allotment_id, refused.account.key.project_id)
        if number
    }
    titles = dict(Document.objects.filter(id__in=ids).values_list("id", "title"))
    return [_explain(refused, titles) for refused in refusals]


def _explain(refused: Refused, titles: Mapping[int, str]) -> Refusal:
    if refused.code != "floor" or refused.account is None:
        return ledger.LedgerRefusal(refused)
    key = refused.account.key
    facts: dict[str, Any] = {
        "available": format_fen(refused.available_fen or 0),
        "required": format_fen(refused.required_fen or 0),
        "shortfall": format_fen(refused.shortfall_fen or 0),
        "available_fen": refused.available_fen,
        "required_fen": refused.required_fen,
        "shortfall_fen": refused.shortfall_fen,
    }
    if key.book == postings.PROJECT_BOOK:
        way = Way("调整项目总额", "new_document", {"kind": "projects.change", "project_id": key.project_id})
        return ProjectOverTotal(what=titles.get(key.project_id or 0, ""), ways=[way], **facts)
    if key.book == postings.IDLE_BOOK:
        way = Way("认定并收回存量资金", "new_document", {"kind": "budget.idle"})
        return IdleShort(fund=FUND_LABELS.get(key.fund or "", ""), ways=[way], **facts)
    if key.allotment_id:
        way = Way("查看指标", "document", {"id": key.allotment_id})
        return AllotmentShort(what=titles.get(key.allotment_id, ""), ways=[way], **facts)
    if key.subject == postings.POOL:
        way = Way("导入追加预算", "page", {"path": "/imports/budget.approved/"})
        return PoolShort(
            what=f"{titles.get(key.project_id or 0, '')} {key.function_code}", ways=[way], **facts
        )
    return ledger.LedgerRefusal(refused)


def refuse_bad_input(problems: Sequence[str]) -> None:
    """:raises BadInput: with the first problems, if there are any."""
    if problems:
        shown = "；".join(problems[:3])
        more = f"（另有 {len(problems) - 3} 处）" if len(problems) > 3 else ""
        raise BadInput.of("budget.lines", "{shown}{more}", shown=shown.rstrip("。"), more=more)
