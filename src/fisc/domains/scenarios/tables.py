"""A scenario's answer as tables, key figures and charts: plain values in, parts of a page out. One query for names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from fisc.base.money import Unit
from fisc.domains.scenarios.charts import Bar, Line, cash_chart, paired_bars
from fisc.domains.scenarios.comparison import BREAK_LABELS
from fisc.domains.scenarios.models import ScenarioLine
from fisc.domains.scenarios.reasons import CATEGORIES, NATURES, REASON_LABELS
from fisc.domains.scenarios.shortfall import INFLOW_LABELS, RANK_LABELS, REST, UPPER, month_days
from fisc.kernel.orgs.models import Unit as OrgUnit
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, Row, Table, Total, link, state, tag

SHOWN_UNITS = 12
HOLD_LABELS = {f"rank{rank}": f"{RANK_LABELS[rank]}暂缓" for rank in (UPPER, REST)}
ALL_REASONS = {**REASON_LABELS, **HOLD_LABELS}
NOTES = {
    "task": "任务分月", "history": "上年同月", "need": "三保需求测算", "marks": "三保标识的指标未用数（没有批准的需求测算）",
}  # fmt: skip


@dataclass(frozen=True)
class KeyFigure:
    """One key figure of the page's head."""

    title: str
    value: SafeString | str
    unit: str = ""
    left: str = ""
    right: str = ""
    tag: SafeString | str = ""


def unit_names(ids: Iterable[int]) -> dict[int, str]:
    """Short names of units."""
    rows = OrgUnit.objects.filter(pk__in=set(ids)).values_list("pk", "short_name", "name")
    return {pk: short or name for pk, short, name in rows}


def bp_text(value: int | None) -> str:
    """Hundredths of a per cent as a percentage with two decimals; — without one."""
    return formats.percent_text(Fraction(value, 100) if value is not None else None, 2)


def rate_text(part_fen: int, whole_fen: int) -> str:
    """A rate with one decimal; — without a base."""
    return formats.percent_text(Fraction(part_fen * 100, whole_fen) if whole_fen else None)


def _wide(unit: Unit) -> Unit:
    """The unit of large figures: 元 with decimals would not fit."""
    return "wan" if unit == "yuan" else unit


def cut_figures(result: Mapping[str, Any], unit: Unit) -> list[KeyFigure]:
    """The head of a plan."""
    unit = _wide(unit)
    word, flat = formats.unit_name(unit), result["flat_f8"]
    broken = sum(item["amount_fen"] for item in result["flat_breaches"] if item["guard"] == "guarantee")
    return [
        KeyFigure("压减合计", _big(result["total_fen"], unit), word, f"目标 {_text(result['target_fen'], unit)}", f"最多可压 {_text(result['maximum_fen'], unit)}"),
        KeyFigure("F8 压减比例", bp_text(result["f8"]["rate_bp"]), "", f"压减额 {_text(result['f8']['cut_fen'], unit)}", f"同比例 {bp_text(flat['rate_bp'])}"),
        KeyFigure("压减率最高的单位", bp_text(result["highest_bp"]), "", "占其可压范围", ""),
        KeyFigure("涉及行数", f"{result['cut_lines']:,}", "行", f"共 {result['lines']:,} 行", f"整项取消 {result['whole_lines']:,} 行"),
        KeyFigure("同比例会压到三保", _big(broken, unit), word, "推演 0.00", "", tag("不可行", "red") if broken else ""),
    ]  # fmt: skip


def breach_table(result: Mapping[str, Any], unit: Unit) -> Table:
    """What a flat cut would break, beside the plan."""
    flat = {item["guard"]: item for item in result["flat_breaches"]}
    heads = (
        Head("会触碰什么", pin=True),
        Head("推演", "amount", money=True),
        Head("同比例", "amount", money=True),
        Head("行数", "n"),
    )
    rows = tuple(
        Row(
            (
                Cell(BREAK_LABELS[item["guard"]], pin=True),
                _amount(item["amount_fen"], unit),
                _amount(flat[item["guard"]]["amount_fen"], unit),
                Cell(f"{flat[item['guard']]['lines']:,}", "n"),
            )
        )
        for item in result["breaches"]
    )
    return Table("与同比例压减相比", heads, rows, frame="tw plain")


def share_table(
    title: str, head: str, shares: Sequence[Mapping[str, Any]], names: Mapping[Any, str], unit: Unit
) -> Table:
    """A group's part in the plan and in a flat cut."""
    heads = (
        Head(head, pin=True),
        Head("压前", "amount", money=True),
        Head("可压范围", "amount", money=True),
        Head("推演压减", "amount", money=True),
        Head("压减率", "percent"),
        Head("同比例压减", "amount", money=True),
    )
    rows = tuple(
        Row(
            (
                Cell(names.get(share["key"], str(share["key"]) or "—"), pin=True),
                _amount(share["base_fen"], unit),
                _amount(share["open_fen"], unit),
                _amount(share["cut_fen"], unit),
                Cell(rate_text(share["cut_fen"], share["open_fen"]), "percent"),
                _amount(share["flat_fen"], unit),
            )
        )
        for share in shares
    )
    total = Total(
        (
            Cell("合计", pin=True),
            *(
                _amount(sum(share[key] for share in shares), unit)
                for key in ("base_fen", "open_fen", "cut_fen")
            ),
            Cell(rate_text(sum(s["cut_fen"] for s in shares), sum(s["open_fen"] for s in shares)), "percent"),
            _amount(sum(share["flat_fen"] for share in shares), unit),
        ),
        css="all",
    )
    return Table(title, heads, rows, totals=(total,), frame="tw plain")


def unit_chart(result: Mapping[str, Any], names: Mapping[int, str]) -> SafeString:
    """The units that give most, plan and flat."""
    bars = [
        Bar(names.get(share["key"], str(share["key"])), share["cut_fen"], share["flat_fen"])
        for share in result["by_unit"][:SHOWN_UNITS]
    ]
    return paired_bars(bars, title="各单位压减额")


NATURE_NAMES = {**NATURES, "guarantee": "三保"}
GRADE_NAMES = {"": "未评价"}
CATEGORY_NAMES = CATEGORIES


def binding_table(result: Mapping[str, Any], unit: Unit) -> Table:
    """Which guards stand in the way, what each would give, how far to loosen it."""
    heads = (
        Head("约束", pin=True),
        Head("可否商量"),
        Head("挡住的金额", "amount", money=True),
        Head("单独放开可多压", "amount", money=True),
        Head("放宽到多少即可"),
    )
    rows = tuple(
        Row(
            (
                Cell(item["label"], pin=True, css="m-main"),
                Cell(state("可以商量", "running") if item["may_loosen"] else state("不放", "wrong")),
                _amount(item["held_fen"], unit),
                _amount(item["gain_fen"], unit),
                Cell(item["suffices"] or ("单独放开仍不够" if item["may_loosen"] else "—"), css="w"),
            )
        )
        for item in result["bindings"]
    )
    return Table("起作用的约束", heads, rows, frame="tw plain")


def lines_table(rows: Sequence[ScenarioLine], *, unit: Unit, is_cut: bool) -> Table:
    """Lines with their reasons."""
    heads = (
        Head("名称", pin=True),
        Head("单位"),
        Head("类别、绩效"),
        Head("压前" if is_cut else "指标额", "amount", money=True),
        Head("最多可压" if is_cut else "可暂缓", "amount", money=True),
        Head("压减" if is_cut else "暂缓", "amount", money=True),
        *((Head("同比例", "amount", money=True),) if is_cut else ()),
        Head("结论和理由"),
    )
    out = tuple(
        Row(
            (
                Cell(_named(row), pin=True, css="m-main"),
                Cell(row.unit.short_name or row.unit.name, css="m-no"),
                Cell(_look(row)),
                _amount(row.base_fen, unit),
                _amount(row.cap_fen, unit),
                _amount(row.cut_fen, unit, css="m-amt"),
                *((_amount(row.flat_fen, unit),) if is_cut else ()),
                Cell(_why(row), css="w m-desc"),
            )
        )
        for row in rows
    )
    empty = Empty("没有符合条件的行", "换一个单位或结论试试", "search-x")
    return Table("逐行结果和理由", heads, out, cards=True, frame="tw plain", empty=empty)


def _look(row: ScenarioLine) -> str:
    grade = f"·{row.grade}" if row.grade else ""
    return f"{NATURES.get(row.nature, row.nature)}·{CATEGORIES.get(row.kind, row.kind)}{grade}"


def _why(row: ScenarioLine) -> SafeString:
    return format_html("<b>{}</b>　{}", ALL_REASONS.get(row.reason_code, row.reason_code), row.reason)


def _named(row: ScenarioLine) -> SafeString | str:
    return link(row.title, f"/doc/{row.project_id}/") if row.project_id else row.title


def shortfall_figures(result: Mapping[str, Any], unit: Unit) -> list[KeyFigure]:
    """The head of a stress test."""
    unit = _wide(unit)
    course, word = result["course"], formats.unit_name(unit)
    first, calm = course["first_short"], result["calm"]["first_short"]
    covers = [value for value in course["guarded"]["cover"] if value is not None]
    waits = sum(result["needed_fen"].values())
    return [
        KeyFigure("首个缺口日", first or "无", "", f"不设冲击时 {calm or '无'}", "", tag("断线", "red") if first else tag("平稳", "green")),
        KeyFigure("三保缺口", _big(result["guaranteed_short_fen"], unit), word, "其他支出全部暂缓之后", ""),
        KeyFigure("须暂缓", _big(waits, unit), word, f"已排入清单 {_text(result['waiting_fen'], unit)}", f"另缺 {_text(sum(result['missing_fen'].values()), unit)}"),
        KeyFigure("期末缺口（照付）", _big(min(0, course["asked_fen"][-1]), unit), word, f"期初库款 {_text(result['opening_fen'], unit)}", ""),
        KeyFigure("库款保障水平最低", cover_text(min(covers) if covers else None), "", "F14，先留三保", ""),
    ]  # fmt: skip


def cover_text(value: int | None) -> str:
    """F14 with two decimals; — when twelve months are not known."""
    return formats.number_text(Fraction(value, 100) if value is not None else None, 2)


def days_of(result: Mapping[str, Any]) -> list[date]:
    """All days of the horizon."""
    return [date(m // 100, m % 100, day) for m in result["months"] for day in range(1, month_days(m) + 1)]


def balance_chart(result: Mapping[str, Any]) -> SafeString:
    """If everything is paid: with the shock and without; the first short day marked."""
    lines = [
        Line("有冲击", "l1", tuple(result["course"]["asked_fen"])),
        Line("不设冲击", "l2", tuple(result["calm"]["asked_fen"])),
    ]
    first = result["course"]["first_short"]
    marks = [(date.fromisoformat(first), f"首个缺口日 {first}")] if first else []
    return cash_chart(days_of(result), lines, marks=marks, title="照到期支付的库款余额")


WAY_CAPTIONS = {"guarded": "先留三保的保障程度", "plain": "照到期先后支付的保障程度"}


def compared_chart(results: Sequence[tuple[str, Mapping[str, Any]]]) -> SafeString | None:
    """The balances of up to three stress tests over the same days; None when their days differ."""
    if len({tuple(result["months"]) for _, result in results}) != 1:
        return None
    lines = [
        Line(label, tone, tuple(result["course"]["asked_fen"]))
        for (label, result), tone in zip(results, ("l1", "l2", "l3"), strict=False)
    ]
    return cash_chart(days_of(results[0][1]), lines, marks=(), title="照到期支付的库款余额")


def coverage_table(result: Mapping[str, Any], way: str) -> Table:
    """Items by months: paid ÷ due so far, in colours that the figure repeats."""
    months = result["months"]
    heads = (
        Head("项目", pin=True),
        Head("顺序"),
        *(Head(f"{m % 100}月", "n") for m in months),
        Head("首个缺口日"),
    )
    course = result["course"][way]
    rows = []
    for number, (_, label, rank) in enumerate(result["outflows"]):
        due, paid = course["due_fen"][number], course["paid_fen"][number]
        gap = course["first_gap"][number]
        rows.append(
            Row(
                (
                    Cell(label, pin=True),
                    Cell(RANK_LABELS[rank]),
                    *(Cell(_heat(p, d), "n") for p, d in zip(paid, due, strict=True)),
                    Cell(gap or "—", css="tr-red" if gap else ""),
                )
            )
        )
    return Table(
        WAY_CAPTIONS[way], heads, tuple(rows), frame="tw plain", empty=Empty("没有到期支出", "", "calendar-x")
    )


def _heat(paid_fen: int, due_fen: int) -> SafeString | str:
    if not due_fen:
        return "—"
    share = Fraction(paid_fen * 100, due_fen)
    tone = "green" if share >= 100 else "yellow" if share >= 95 else "orange" if share >= 80 else "red"
    shown = "<100%" if 100 > share >= Fraction(1999, 20) else formats.percent_text(share)
    return tag(shown, tone)


def months_table(result: Mapping[str, Any], unit: Unit) -> Table:
    """Month by month: what comes, what falls due, what is left, F14, under both ways."""
    course = result["course"]
    heads = (
        Head("月份", pin=True), Head("流入", "amount", money=True), Head("到期应付", "amount", money=True),
        Head("照付后余额", "amount", money=True), Head("先留三保：已付", "amount", money=True), Head("先留三保：余额", "amount", money=True),
        Head("F14（先留三保）", "n"),
    )  # fmt: skip
    rows = []
    for n, month in enumerate(result["months"]):
        due, paid = (
            sum(row[n] - (row[n - 1] if n else 0) for row in course["guarded"][name])
            for name in ("due_fen", "paid_fen")
        )
        end = sum(month_days(m) for m in result["months"][: n + 1]) - 1
        rows.append(
            Row(
                (
                    Cell(formats.month_text(month), pin=True),
                    _amount(sum(amounts[n] for _, amounts in result["inflows"]), unit),
                    _amount(due, unit),
                    _amount(course["asked_fen"][end], unit),
                    _amount(paid, unit),
                    _amount(course["guarded"]["month_end_fen"][n], unit),
                    Cell(cover_text(course["guarded"]["cover"][n]), "n"),
                )
            )
        )
    return Table("逐月现金", heads, tuple(rows), frame="tw plain")


def note_words(result: Mapping[str, Any]) -> list[str]:
    """Where the series came from, in words."""
    out = []
    for note in result["notes"]:
        what, _, where = note.partition(":")
        out.append(f"{INFLOW_LABELS.get(what, '三保需求')}：{NOTES.get(where, where)}")
    return out


def _amount(fen: int, unit: Unit, css: str = "") -> Cell:
    return Cell(formats.amount(fen, unit=unit), "amount", css=css)


def _big(fen: int, unit: Unit) -> SafeString:
    return formats.amount(fen, unit=unit, key=True)


def _text(fen: int, unit: Unit) -> str:
    return formats.amount_text(fen, unit, key=True)
