"""The tables of the preparation's pages: rows ready to read. Pure but for code names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fisc.domains.preparation.models import Round, Timer, Version
from fisc.domains.preparation.reading import Department, Waiting
from fisc.domains.preparation.replies import Limit
from fisc.domains.preparation.versions import WORDS, Comparison
from fisc.domains.preparation.words import CATEGORIES, REQUEST, Fund, VersionStage
from fisc.kernel.documents.kinds import get as get_kind
from fisc.kernel.metrics import figure_id
from fisc.kernel.metrics.spec import FIGURE_PATH, FigureRequest
from fisc.web.components import Cell, Empty, Head, Row, Table, Total, link, state, tag
from fisc.web.formats import amount, percent_text

LIMIT_TONES = {
    "done": ("按时", "done"), "late_done": ("逾期办结", "wrong"), "idle": ("未开始", "draft"), "late": ("已逾期", "wrong"),
    "near": ("临近期限", "waiting"), "running": ("进行中", "running"),
}  # fmt: skip
AT_MONTH = 12


def _money(fen: int | None, href: str = "") -> Cell:
    return Cell(amount(fen, href=href) if fen is not None else "—", "amount")


def _sum(amounts: Sequence[int | None]) -> int | None:
    """The sum of what is known; nothing known is no sum."""
    known = [fen for fen in amounts if fen is not None]
    return sum(known) if known else None


def _rate(part: int, whole: int) -> str:
    return percent_text(part * 100 / whole, 2) if whole > 0 else "—"


def figure_link(metric: str, year: int) -> str:
    """The address of the year's figure."""
    return f"{FIGURE_PATH}{figure_id.encode(FigureRequest(metric=metric, year=year, month=AT_MONTH))}/"


def version_name(one: Version) -> str:
    """2023年第1版（一上）."""
    return f"{one.round.fiscal_year}年第{one.number}版（{VersionStage(one.stage).label}）"


def waiting(found: Sequence[Waiting], stage: str, row: Round) -> Table:
    """Units that have not finished a stage."""
    kind = get_kind(REQUEST)
    rows = tuple(
        Row(
            (
                Cell(f"{one.code} {one.name}", pin=True, css="m-main"),
                Cell(
                    state(kind.state(one.state).label, kind.state(one.state).tone)
                    if one.state
                    else state("未编报", "wrong"),
                    css="m-state",
                ),
                Cell(one.node),
                _money(one.amount_fen if one.document_id else None, f"/doc/{one.document_id}/"),
            )
        )
        for one in found
    )
    heads = (Head("单位", pin=True), Head("状态"), Head("现在环节"), Head("申报数", "amount", money=True))
    empty = Empty("各单位都已审核完毕", "可以结束这一阶段", "circle-check")
    return Table("未完成的单位", heads, rows, cards=True, frame="tw plain", empty=empty)


def departments(found: Sequence[Department], year: int) -> Table:
    """Totals by department in every stage, beside last year."""
    rows = tuple(
        Row(
            (
                Cell(one.name, pin=True, css="m-main"),
                Cell(str(one.unit_count), "n"),
                *(
                    _money(fen)
                    for fen in (
                        one.last_budget_fen, one.last_paid_fen, one.first_fen, one.reviewed_fen, one.control_fen,
                        one.second_fen, one.reply_fen,
                    )
                ),
            )
        )
        for one in found
    )  # fmt: skip
    columns = (
        "last_budget_fen",
        "last_paid_fen",
        "first_fen",
        "reviewed_fen",
        "control_fen",
        "second_fen",
        "reply_fen",
    )
    totals = (
        Total(
            (
                Cell("合计", pin=True),
                Cell(str(sum(one.unit_count for one in found)), "n"),
                *(_money(_sum([getattr(one, name) for one in found])) for name in columns),
            )
        ),
    )
    names = (f"{year - 1}年预算", f"{year - 1}年支出", "一上", "审定", "一下", "二上", "批复")
    heads = (
        Head("部门", pin=True),
        Head("单位数", "n"),
        *(Head(name, "amount", money=True) for name in names),
    )
    empty = Empty("还没有编报数据", "各单位填报一上后，这里按部门汇总", "table-2")
    return Table("分部门合计", heads, rows, totals, frame="tw plain", empty=empty)


def differences(result: Comparison) -> Table:
    """The cells that differ."""
    heads = (
        Head("变动"), Head("单位", pin=True), Head("项目"),
        *(() if result.is_by_project else (Head("资金"), Head("功能分类"), Head("经济分类"))),
        Head(VersionStage(result.old.stage).label, "amount", money=True),
        Head(VersionStage(result.new.stage).label, "amount", money=True),
        Head("差额", "amount", money=True),
    )  # fmt: skip
    tones = {"added": "green", "removed": "red", "changed": ""}
    rows = tuple(
        Row(
            (
                Cell(tag(WORDS[one.what], tones[one.what])),
                Cell(one.unit, pin=True, css="m-main"),
                Cell(link(one.project, f"/doc/{one.project_id}/"), css="cut"),
                *(
                    ()
                    if result.is_by_project
                    else (
                        Cell(Fund(one.fund).label if one.fund in Fund.values else one.fund),
                        Cell(one.function_code),
                        Cell(one.economic_code),
                    )
                ),
                _money(one.old_fen),
                _money(one.new_fen),
                _money(one.difference_fen),
            )
        )
        for one in result.rows
    )
    empty = Empty("两个版本完全相同", "没有增加、取消或变动的明细", "equal")
    return Table("逐格差异", heads, rows, frame="tw plain", empty=empty)


def difference_summary(result: Comparison) -> Table:
    """How many cells were added, removed, changed, and by how much."""
    rows = tuple(
        Row(
            (
                Cell(word, pin=True),
                Cell(str(result.counts.get(code, 0)), "n"),
                _money(result.sums_fen.get(code, 0)),
            )
        )
        for code, word in WORDS.items()
    )
    total = Total(
        (Cell("合计", pin=True), Cell(str(result.total), "n"), _money(sum(result.sums_fen.values())))
    )
    heads = (Head("变动", pin=True), Head("处数", "n"), Head("差额", "amount", money=True))
    return Table("差异合计", heads, rows, (total,), frame="tw plain")


CUT_HEADS = (
    Head("一上申报", "amount", money=True), Head("审定", "amount", money=True), Head("压减额", "amount", money=True),
    Head("压减比例", "percent"), Head("审增额（不相抵）", "amount", money=True), Head("项数", "n"),
)  # fmt: skip


def _cut_cells(asked: int, allowed: int, cut: int, added: int, count: int) -> tuple[Cell, ...]:
    return (
        _money(asked), _money(allowed), _money(cut), Cell(_rate(cut, asked), "percent"), _money(added),
        Cell(str(count), "n"),
    )  # fmt: skip


def _cut_total(rows: Sequence[tuple[Any, ...]]) -> tuple[Total, ...]:
    sums = [sum(row[place] for row in rows) for place in range(-5, 0)]
    return (Total((Cell("合计", pin=True), *_cut_cells(*sums))),) if rows else ()


def cuts_by_class(found: Sequence[tuple[Any, ...]]) -> Table:
    """F8 by class of project."""
    rows = tuple(
        Row((Cell(CATEGORIES.get(row[0], row[0]), pin=True), *_cut_cells(*row[1:]))) for row in found
    )
    empty = Empty("还没有审定的项目", "股室审核一上后，这里按类别、单位、理由分析压减", "scissors")
    return Table(
        "分类别", (Head("类别", pin=True), *CUT_HEADS), rows, _cut_total(found), frame="tw plain", empty=empty
    )


def cuts_by_unit(found: Sequence[tuple[Any, ...]], round_id: int) -> Table:
    """F8 by unit; each opens to its items."""
    rows = tuple(
        Row(
            (
                Cell(
                    link(row[2], f"/preparation/cuts/?round={round_id}&unit={row[0]}#items"),
                    pin=True,
                    css="m-main",
                ),
                *_cut_cells(*row[3:]),
            )
        )
        for row in found
    )
    return Table("分单位", (Head("单位", pin=True), *CUT_HEADS), rows, _cut_total(found), frame="tw plain")


def cuts_by_reason(found: Sequence[tuple[Any, ...]]) -> Table:
    """What was cut by reason."""
    rows = tuple(
        Row((Cell(row[0], pin=True, css="cut"), _money(row[1]), Cell(str(row[2]), "n"))) for row in found
    )
    heads = (Head("理由", pin=True), Head("压减额", "amount", money=True), Head("项数", "n"))
    return Table("压减理由", heads, rows, frame="tw plain", empty=Empty("没有压减", icon="scissors"))


def cut_items(found: Sequence[tuple[Any, ...]]) -> Table:
    """The items of a unit in the scope of F8."""
    rows = tuple(
        Row(
            (
                Cell(link(row[1], f"/doc/{row[0]}/" if row[0] else ""), pin=True, css="m-main"),
                Cell(row[2]), _money(row[3]), _money(row[4]), _money(row[5]), _money(row[6]), Cell(row[7], css="cut"),
            )
        )
        for row in found
    )  # fmt: skip
    heads = (
        Head("项目", pin=True), Head("经济分类"), Head("一上申报", "amount", money=True),
        Head("审定", "amount", money=True), Head("压减额", "amount", money=True), Head("审增额", "amount", money=True),
        Head("理由"),
    )  # fmt: skip
    return Table("逐项压减", heads, rows, frame="tw plain", empty=Empty("这个单位没有压减口径内的项目"))


def restored(found: Sequence[tuple[Any, ...]]) -> Table:
    """Items that were cut and got money back during the year."""
    rows = tuple(
        Row(
            (
                Cell(row[1], pin=True, css="m-main"),
                Cell(row[2], css="cut"),
                Cell(row[3]),
                _money(row[4]),
                _money(row[5]),
                _money(row[6]),
                Cell(link(row[8], f"/doc/{row[7]}/")),
                Cell(state("已说明", "done") if row[9] else state("待说明", "waiting"), css="m-state"),
                Cell(f"{row[9]}（{row[10]} {row[11]:%Y-%m-%d}）" if row[9] else "", css="cut"),
            )
        )
        for row in found
    )
    heads = (
        Head("单位", pin=True), Head("项目"), Head("经济分类"), Head("原压减额", "amount", money=True),
        Head("追加额", "amount", money=True), Head("追回额", "amount", money=True), Head("追加单"), Head("状态"),
        Head("说明"),
    )  # fmt: skip
    empty = Empty("没有先压后追的项目", "年初压减的项目，年中再追加的会列在这里", "circle-check")
    return Table("先压后追", heads, rows, cards=True, frame="tw plain", empty=empty)


def timers(held: Sequence[tuple[Timer, tuple[Limit, ...]]]) -> Table:
    """Time limits by department, the late ones first."""
    order = {"late": 0, "near": 1, "running": 2}
    ranked = sorted(
        held, key=lambda one: (min(order.get(limit.tone, 3) for limit in one[1]), one[0].unit.code)
    )
    rows = tuple(
        Row(
            (
                Cell(timer.unit.name, pin=True, css="m-main"),
                *(cell for limit in limits for cell in _limit_cells(limit)),
            )
        )
        for timer, limits in ranked
    )
    heads = (
        Head("部门", pin=True),
        *(
            head
            for what in ("批复", "转批", "公开")
            for head in (Head(f"{what}期限"), Head(f"{what}日期"), Head("状态"))
        ),
    )
    empty = Empty("还没有开始计算时限", "登记人大批准后，按部门计算批复期限", "timer")
    return Table("法定时限", heads, rows, frame="tw plain", empty=empty)


def _limit_cells(limit: Limit) -> tuple[Cell, Cell, Cell]:
    label, tone = LIMIT_TONES[limit.tone]
    left = limit.days_left
    if left is not None:
        label = f"逾期 {-left} 天" if left < 0 else f"剩 {left} 天"
    return (
        Cell(str(limit.due_on or "—")),
        Cell(str(limit.done_on or "—")),
        Cell(state(label, tone)),
    )
