"""支出标准: the list with what is in force, one standard with its history, its effect, and what a change would cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString

from fisc.base.errors import BadInput, FiscError, NotFound
from fisc.base.money import format_fen, parse_yuan, plain_yuan
from fisc.base.text import clean
from fisc.domains.standards import needs, rates, reading
from fisc.domains.standards.measures import NAMES, UNITS
from fisc.domains.standards.models import Category, Confidence, Level, Rate, Scope, Standard
from fisc.kernel.orgs.actor import Actor
from fisc.web import formats, ways
from fisc.web.components import Action, Cell, Empty, Head, Row, Tab, Table, Total, link, tag
from fisc.web.request import allowed

VIEW_RATES = "standards.rate.view"
TONES = {"verified": "green", "likely": "blue", "example": "orange"}
UNITS_SHOWN = 100


def standards_page(request: HttpRequest) -> HttpResponse:
    """All standards: what is in force on the business day, what comes, how much it makes in the latest year."""
    actor = allowed(request, VIEW_RATES)
    today: dt.date = request.now.date()  # type: ignore[attr-defined]
    category = request.GET.get("category", "")
    listed = Standard.objects.prefetch_related("rates").order_by("category", "code")
    standards = [one for one in listed if category in ("", one.category)]
    year = next(iter(reading.years_with_figures()), today.year)
    counted = reading.quantities(year=year, unit_ids=actor.unit_ids)
    actions = [Action("标准测算", f"/standards/needs/?year={year}", "calculator")]
    if actor.can("imports.standards.rate"):
        actions.append(Action("导入", "/imports/standards.rate/", "file-up", low=True))
    context = {
        "title": "支出标准",
        "sub": f"{today} 执行的标准；数量按 {year} 年已审定的基础信息",
        "actions": actions,
        "tabs": [
            Tab("全部", "?", current=not category),
            *(
                Tab(label, f"?category={value}", current=category == value)
                for value, label in Category.choices
            ),
        ],
        "table": _list_table(standards, counted, today),
    }
    return render(request, "standards/standards.html", context)


def _list_table(standards: list[Standard], counted: dict[str, reading.Quantity], today: dt.date) -> Table:
    heads = (
        Head("编码", pin=True),
        Head("项目"),
        Head("层级"),
        Head("三保"),
        Head("经济分类"),
        Head("数量口径"),
        Head("标准（元/年）", "n"),
        Head("自"),
        Head("下次调整"),
        Head("数量", "n"),
        Head("年需求", "amount", money=True),
    )
    rows = tuple(_list_row(one, counted.get(one.code), today) for one in standards)
    total = sum(counted[one.code].amount_fen for one in standards if one.code in counted)
    sums = (
        Cell("合计", pin=True, css="m-no"),
        *(Cell("") for _ in range(9)),
        Cell(formats.amount(total), "amount", css="m-amt"),
    )
    return Table(
        "支出标准",
        heads,
        rows,
        totals=(Total(sums, "all"),),
        cards=True,
        empty=Empty("没有支出标准"),
    )


def _list_row(one: Standard, shown: reading.Quantity | None, today: dt.date) -> Row:
    dated = sorted(one.rates.all(), key=lambda rate: rate.valid_from)
    now = next((rate for rate in dated if _holds(rate, today)), None)
    coming = next((rate for rate in dated if rate.valid_from > today), None)
    cells = (
        Cell(link(one.code, f"/standards/rates/{one.code}/"), pin=True, css="m-no"),
        Cell(one.name, css="m-main"),
        Cell(dict(Level.choices)[one.level], css="m-state"),
        Cell(one.guarantee_item),
        Cell(one.economic_code),
        Cell(NAMES[one.measure]),
        Cell(format_fen(now.amount_fen) if now else formats.NO_DATA, "n", css="m-amt"),
        Cell(now.valid_from.isoformat() if now else ""),
        Cell(f"{coming.valid_from} 起 {format_fen(coming.amount_fen)}" if coming else ""),
        Cell(f"{shown.quantity:,}" if shown else "", "n"),
        Cell(formats.amount(shown.amount_fen) if shown else "", "amount"),
    )
    return Row(cells)


def _holds(rate: Rate, day: dt.date) -> bool:
    return rate.valid_from <= day and (rate.valid_to is None or day <= rate.valid_to)


@dataclass(frozen=True)
class WhatIf:
    """A question: what would this amount cost from that day on."""

    amount_fen: int
    valid_from: dt.date
    old_fen: int
    quantity: int
    year: int

    @property
    def first_year_fen(self) -> int:
        """For the months of the first year."""
        return needs.cost_of_change(
            old_fen=self.old_fen,
            new_fen=self.amount_fen,
            quantity=self.quantity,
            months=needs.MONTHS - self.valid_from.month + 1,
        )

    @property
    def whole_year_fen(self) -> int:
        """For a whole year."""
        return needs.cost_of_change(old_fen=self.old_fen, new_fen=self.amount_fen, quantity=self.quantity)


def standard_page(request: HttpRequest, code: str) -> HttpResponse:
    """One standard: history with its effect, what another amount would cost, to whom it applies."""
    actor = allowed(request, VIEW_RATES)
    standard = Standard.objects.prefetch_related("rates").filter(code=code).first()
    if standard is None:
        raise NotFound
    error = None
    if request.method == "POST":
        error = _set(request, standard, actor)
        if error is None:
            return HttpResponseRedirect(f"/standards/rates/{code}/")
    years = reading.years_with_figures()
    year = next(iter(years), request.now.year)  # type: ignore[attr-defined]
    units = reading.units_of(year=year, code=code)
    if actor.unit_ids is not None:
        units = [unit for unit in units if unit[0] in actor.unit_ids]
    try:
        asked = _asked(request, standard, sum(unit[4] for unit in units), year)
    except FiscError as problem:
        asked, error = None, problem
    latest = max(standard.rates.all(), key=lambda rate: rate.valid_from, default=None)
    context = {
        "title": standard.name,
        "standard": standard,
        "pairs": _facts(standard),
        "history": _history(standard, years, actor),
        "units": _units_table(standard, units, year, actor),
        "unit_count": len(units),
        "shown": UNITS_SHOWN,
        "year": year,
        "asked": asked,
        "question": {"amount": request.GET.get("amount", ""), "from": request.GET.get("from", "")},
        "may_set": actor.can(rates.SET),
        "given": request.POST,
        "confidences": Confidence.choices,
        "latest": latest,
        "latest_yuan": plain_yuan(latest.amount_fen) if latest else "",
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "standards/standard.html", context, status=409 if error else 200)


def _facts(standard: Standard) -> list[tuple[str, str]]:
    return [
        ("经费类别", dict(Category.choices)[standard.category]),
        ("标准层级", dict(Level.choices)[standard.level]),
        ("三保项目", standard.guarantee_item or "不属于三保"),
        ("部门经济分类", standard.economic_code),
        ("数量口径", f"{NAMES[standard.measure]}（{UNITS[standard.measure]}）"),
        ("适用单位", dict(Scope.choices)[standard.scope]),
        ("说明", standard.note),
    ]


def _set(request: HttpRequest, standard: Standard, actor: Actor) -> FiscError | None:
    given = request.POST
    try:
        row = rates.set_rate(
            code=standard.code,
            amount_fen=parse_yuan(given.get("amount", "")),
            valid_from=_day(given.get("valid_from", "")),
            source=clean(given.get("source", "")),
            confidence=given.get("confidence")
            if given.get("confidence") in Confidence.values
            else Confidence.VERIFIED,
            least_quantity=_count(given.get("least_quantity", "")),
            actor=actor,
            at=request.now,  # type: ignore[attr-defined]
        )
    except FiscError as error:
        return error
    messages.success(request, f"{standard.name}自 {row.valid_from} 起执行 {format_fen(row.amount_fen)} 元。")
    return None


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(clean(text))
    except ValueError as error:
        raise BadInput("请填写启用日期。", code="standards.day") from error


def _count(text: str) -> int | None:
    plain = clean(text)
    if not plain:
        return None
    if not plain.isdecimal() or len(plain) > 6:
        raise BadInput(f"“{plain}”不是整数。", code="standards.least")
    return int(plain)


def _asked(request: HttpRequest, standard: Standard, quantity: int, year: int) -> WhatIf | None:
    if not request.GET.get("amount"):
        return None
    amount = parse_yuan(request.GET["amount"])
    day = _day(request.GET.get("from") or f"{year + 1}-01-01")
    old = needs.amount_on(reading.amounts_of(standard), day - dt.timedelta(days=1)) or 0
    return WhatIf(amount, day, old, quantity, year)


def _history(standard: Standard, years: list[int], actor: Actor) -> Table:
    """Each amount with its difference to the one before, and what the difference makes with that year's numbers."""
    dated = sorted(standard.rates.all(), key=lambda rate: rate.valid_from)
    heads = (
        Head("自", pin=True),
        Head("至"),
        Head("标准（元/年）", "n"),
        Head("比上次", "n"),
        Head("不足按此数计", "n"),
        Head("数量", "n"),
        Head("调标增支", "amount", money=True),
        Head("可信度"),
        Head("依据"),
    )
    quantities = {
        rate.valid_from.year: _quantity_of(standard.code, rate.valid_from.year, years, actor)
        for rate in dated
    }
    rows = []
    for index, rate in enumerate(dated):
        before = dated[index - 1].amount_fen if index else None
        quantity = quantities[rate.valid_from.year]
        rows.append(_history_row(rate, before, quantity))
    return Table("历次标准", heads, tuple(reversed(rows)), empty=Empty("还没有标准"), frame="tw plain")


def _quantity_of(code: str, year: int, years: list[int], actor: Actor) -> int | None:
    if year not in years:
        return None
    units = reading.units_of(year=year, code=code)
    return sum(unit[4] for unit in units if actor.sees(unit[0]))


def _history_row(rate: Rate, before: int | None, quantity: int | None) -> Row:
    change: str | SafeString = ""
    cost: str | SafeString = ""
    if before is not None:
        difference = rate.amount_fen - before
        change = ("+" if difference > 0 else "") + format_fen(difference)
        if quantity is not None:
            cost = formats.amount(
                needs.cost_of_change(
                    old_fen=before,
                    new_fen=rate.amount_fen,
                    quantity=quantity,
                    months=needs.MONTHS - rate.valid_from.month + 1,
                )
            )
    cells = (
        Cell(rate.valid_from.isoformat(), pin=True),
        Cell(rate.valid_to.isoformat() if rate.valid_to else tag("现行", "green")),
        Cell(format_fen(rate.amount_fen), "n"),
        Cell(change, "n"),
        Cell(f"{rate.least_quantity:,}" if rate.least_quantity else "", "n"),
        Cell(f"{quantity:,}" if quantity is not None and before is not None else "", "n"),
        Cell(cost, "amount"),
        Cell(tag(dict(Confidence.choices)[rate.confidence], TONES[rate.confidence])),
        Cell(rate.source, css="w"),
    )
    return Row(cells, css="" if rate.valid_to is None else "void")


def _units_table(
    standard: Standard, units: list[tuple[int, str, str, int, int, int]], year: int, actor: Actor
) -> Table:
    heads = (
        Head("单位编码", pin=True),
        Head("单位"),
        Head("填报数", "n"),
        Head("核定数", "n"),
        Head("年需求", "amount", money=True),
    )
    rows = tuple(
        Row(
            (
                Cell(code, pin=True),
                Cell(link(name, f"/standards/needs/{unit_id}/?year={year}"), css="m-main"),
                Cell(f"{reported:,}", "n"),
                Cell(f"{counted:,}", "n"),
                Cell(formats.amount(fen), "amount", css="m-amt"),
            )
        )
        for unit_id, code, name, reported, counted, fen in units[:UNITS_SHOWN]
    )
    sums = (
        Cell("合计", pin=True, css="m-no"),
        Cell(""),
        Cell(f"{sum(unit[3] for unit in units):,}", "n"),
        Cell(f"{sum(unit[4] for unit in units):,}", "n"),
        Cell(formats.amount(sum(unit[5] for unit in units)), "amount", css="m-amt"),
    )
    return Table(
        "适用单位", heads, rows, totals=(Total(sums, "all"),), cards=True, frame="tw plain",
        empty=Empty(f"{year} 年没有单位适用这条标准"),
    )  # fmt: skip
