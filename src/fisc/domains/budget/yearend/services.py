"""Use cases of the year end: propose what becomes of every balance, change it by list, carry it out (norm A.7, row 50).

The whole of a year is one document; its lines and the carried allotments are written by a fixed number of statements.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.base.text import whole_number
from fisc.domains.budget import places, postings, reference
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.postings import Place
from fisc.domains.budget.yearend.models import Kind, YearEnd, YearEndLine, YearEndRule
from fisc.kernel import ledger
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

YEAR_END = "budget.year_end"
GROUP = (
    "allotment_id", "unit_id", "project_id", "fund", "function_code", "economic_code", "flags", "subject",
)  # fmt: skip
DEAD = ("voided",)


class AlreadyProposed(Refusal):
    """{year}年的年终处理已在办理（{number}），请在该单上继续。"""

    code = "budget.year_end_exists"


class LineLocked(Refusal):
    """指标“{what}”为{kind}，专款用途和标识锁定，不能改为其他处理方式。"""

    code = "budget.year_end_locked"


@dataclass(frozen=True)
class Left:
    """What is left of one allotment or pool of a year, by subject, in 分."""

    place: Place
    by_subject: Mapping[str, int]
    held_fen: int = 0

    @property
    def fen(self) -> int:
        """Everything that was not paid."""
        return sum(self.by_subject.values())


def left_of(year: int) -> dict[tuple[int | None, Place], Left]:
    """What is left of a year, by allotment (None: pool) and place; one query."""
    selection = ledger.Selection(book=postings.BOOK, subjects=postings.UNSPENT, fiscal_years=(year,))
    parts: dict[Place, dict[str, ledger.Balance]] = defaultdict(dict)
    for group, balance in ledger.balances(selection, group_by=GROUP).items():
        allotment_id, unit, project, fund, function, economic, flags, subject = group
        place = Place(year, unit, project, fund, function, economic, flags, allotment_id)
        parts[place][subject] = balance
    found = {}
    for place, balances in parts.items():
        left = {subject: balance.posted_fen for subject, balance in balances.items() if balance.posted_fen}
        held = sum(balance.held_fen for balance in balances.values())
        if left or held:
            found[place.allotment_id, place] = Left(place, left, held)
    return found


@dataclass(frozen=True)
class Fact:
    """What the table of kinds looks at."""

    origin: str
    spending: str
    fund: str
    flags: int
    years: int


def fits(rule: YearEndRule, fact: Fact) -> bool:
    """Whether a rule of the table is about this balance; empty conditions admit everything."""
    return (
        (not rule.origins or fact.origin in rule.origins)
        and (not rule.any_flags or bool(fact.flags & rule.any_flags))
        and (not rule.funds or fact.fund in rule.funds)
        and (not rule.spendings or fact.spending in rule.spendings)
        and fact.years >= rule.min_years
    )


def rules_of(year: int) -> list[YearEndRule]:
    """The table of kinds on the last day of the year, in its order."""
    return sorted(reference.in_force(YearEndRule.objects.all(), dt.date(year, 12, 31)), key=lambda r: r.seq)


def years_unused(first_year: int, year: int) -> int:
    """连续几年未用完: money of 2021 that is left at the end of 2022 was not used in two years."""
    return year - first_year + 1


def propose_year_end(*, year: int, unit_id: int, actor: Actor, at: dt.datetime, reference: str = "") -> int:
    """This function will draft the year end of a year: one line per allotment or pool that has money left.

    :param unit_id: the bureau's own unit, on the document's header.
    :raises AlreadyProposed: one is under way or done.
    :raises BadInput: nothing is left.
    """
    lines = _lines(year)
    if not lines:
        raise BadInput.of("budget.nothing_left", "{year}年没有未用完的指标。", year=year)
    with transaction.atomic():
        _refuse_second(year)
        draft = Draft(
            unit_id=unit_id,
            fiscal_year=year,
            business_on=timezone.localdate(at),
            title=f"{year}年年终结转结余处理",
            amount_fen=sum(line["left_fen"] for line in lines),
            row={"year": year, "reference": reference},
        )
        (doc_id,) = create_many(kind=YEAR_END, drafts=[draft], actor=actor, at=at)
        insert_rows(YearEndLine, [{**line, "year_end_id": doc_id} for line in lines])
    return doc_id


def create_year_ends(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """The form's create: the year of each draft is proposed. :raises: see `propose_year_end`."""
    return [
        propose_year_end(
            year=whole_number(draft.row.get("year") or draft.fiscal_year, what="年度", least=2000, most=2999), unit_id=draft.unit_id, actor=actor, at=at,
            reference=str(draft.row.get("reference") or ""),
        )
        for draft in drafts
    ]  # fmt: skip


def _refuse_second(year: int) -> None:
    open_ones = Document.objects.filter(kind=YEAR_END, fiscal_year=year).exclude(state__in=DEAD)
    if number := open_ones.values_list("number", flat=True).first():
        raise AlreadyProposed(year=year, number=number)


def _lines(year: int) -> list[dict[str, Any]]:
    """The lines of a year as rows, the kinds proposed by the table."""
    found = left_of(year)
    rows = _allotment_rows(allotment_id for allotment_id, _ in found if allotment_id)
    spendings = {
        project.id: project.spending
        for project in places.projects_by_id(place.project_id for _, place in found).values()
    }
    rules = rules_of(year)
    lines = []
    for (allotment_id, place), left in sorted(found.items(), key=_order):
        if left.fen > 0:
            lines.append(_line(place, left, rows.get(allotment_id or 0), spendings, rules, year))
    return [{**line, "row_no": number} for number, line in enumerate(lines, 1)]


def _order(item: tuple[tuple[int | None, Place], Left]) -> tuple[Any, ...]:
    (allotment_id, place), _ = item
    return (place.unit_id, place.project_id, allotment_id or 0, place.fund, place.function_code,
            place.economic_code, place.flags)  # fmt: skip


def _allotment_rows(ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    columns = ("document_id", "origin", "spending", "government_code", "first_year", "reference", "note")
    rows = Allotment.objects.filter(pk__in=list(ids)).values(*columns)
    return {row["document_id"]: row for row in rows}


def _line(
    place: Place,
    left: Left,
    row: Mapping[str, Any] | None,
    spendings: Mapping[int, str],
    rules: Sequence[YearEndRule],
    year: int,
) -> dict[str, Any]:
    origin = row["origin"] if row else "initial"
    first_year = (row["first_year"] if row else None) or year
    spending = row["spending"] if row else spendings[place.project_id]
    fact = Fact(origin, spending, place.fund, place.flags, years_unused(first_year, year))
    rule = next((rule for rule in rules if fits(rule, fact)), None)
    if rule is None:
        raise BadInput.of("budget.no_year_end_rule", "年终处理规则表没有覆盖这类结余，请补充规则。")
    return {
        "allotment_id": place.allotment_id, "unit_id": place.unit_id, "project_id": place.project_id,
        "spending": spending, "fund": place.fund, "function_code": place.function_code,
        "economic_code": place.economic_code, "flags": place.flags, "origin": origin,
        "government_code": row["government_code"] if row else "", "first_year": first_year,
        "left_fen": left.fen, "proposed": rule.kind, "kind": rule.kind, "rule": rule.code,
        "is_locked": rule.is_locked,
    }  # fmt: skip


def set_kinds(
    *, year_end_id: int, kinds: Mapping[int, str], reason: str, actor: Actor, at: dt.datetime
) -> int:
    """This function will give allotments (document id → kind) another treatment, and return how many changed.

    :raises LineLocked: an allotment of the list is earmarked; nothing is changed then.
    :raises BadInput: no reason, or the document is not in the making.
    """
    _check_editable(year_end_id, actor)
    if not reason.strip():
        raise BadInput.of("budget.year_end_reason", "调整处理方式须写明理由。")
    lines = YearEndLine.objects.filter(year_end_id=year_end_id, allotment_id__in=kinds)
    return _change(lines, {line.pk: kinds[line.allotment_id] for line in lines if line.allotment_id}, reason)


def set_lines(
    *, year_end_id: int, kinds: Mapping[int, str], reason: str, actor: Actor, at: dt.datetime
) -> int:
    """This function will do the same by the ids of the lines. :raises: see `set_kinds`."""
    _check_editable(year_end_id, actor)
    if not reason.strip():
        raise BadInput.of("budget.year_end_reason", "调整处理方式须写明理由。")
    lines = YearEndLine.objects.filter(year_end_id=year_end_id, pk__in=kinds)
    return _change(lines, dict(kinds), reason)


def _check_editable(year_end_id: int, actor: Actor) -> None:
    header = Document.objects.get(pk=year_end_id, kind=YEAR_END)
    if header.state not in ("draft", "returned") or not actor.can(f"{YEAR_END}.edit"):
        raise BadInput.of("budget.year_end_state", "{number} 现在不能修改。", number=header.number)


def _change(lines: Iterable[YearEndLine], kinds: Mapping[int, str], reason: str) -> int:
    changed: Counter[tuple[str, str]] = Counter()
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line in lines:
        kind = Kind(kinds[line.pk]).value
        if line.is_locked and kind != line.proposed:
            raise LineLocked(what=_title(line), kind=Kind(line.proposed).label)
        if kind in (Kind.CARRY_UPPER.value, Kind.REPAY.value) and kind != line.proposed:
            raise BadInput.of("budget.year_end_kind", "不能改为“{kind}”。", kind=Kind(kind).label)
        if line.kind != kind:
            groups[kind, "" if kind == line.proposed else reason.strip()[:200]].append(line.pk)
    for (kind, why), ids in groups.items():
        changed[kind, why] = YearEndLine.objects.filter(pk__in=ids).update(kind=kind, reason=why)
    return changed.total()


def _title(line: YearEndLine) -> str:
    return line.allotment.title if line.allotment else line.project.title


def refresh(call: StepCall) -> None:
    """重新生成: the lines are proposed anew from the ledger; what people had decided stays decided."""
    for document in call.documents:
        decided = {
            (line["allotment_id"], line["unit_id"], line["project_id"], line["fund"], line["function_code"],
             line["economic_code"], line["flags"]): line
            for line in YearEndLine.objects.filter(year_end_id=document.pk).exclude(reason="").values()
        }  # fmt: skip
        lines = _lines(document.fiscal_year)
        for line in lines:
            key = tuple(
                line[name]
                for name in (
                    "allotment_id", "unit_id", "project_id", "fund", "function_code", "economic_code", "flags",
                )
            )  # fmt: skip
            before = decided.get(key)
            if before and not line["is_locked"] and before["kind"] != line["proposed"]:
                line |= {"kind": before["kind"], "reason": before["reason"]}
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM budget_yearendline WHERE year_end_id = %s", [document.pk])
        insert_rows(YearEndLine, [{**line, "year_end_id": document.pk} for line in lines])
        call.set_amount(document.pk, sum(line["left_fen"] for line in lines))


def totals(year_end_id: int) -> dict[str, tuple[int, int]]:
    """Kind → (lines, 分)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, count(*), sum(left_fen)::bigint FROM budget_yearendline WHERE year_end_id = %s GROUP BY kind",
            [year_end_id],
        )
        return {kind: (count, fen) for kind, count, fen in cursor.fetchall()}


def effective(year: int) -> YearEnd | None:
    """The year end that was carried out for a year."""
    return YearEnd.objects.filter(year=year, is_effective=True).first()
