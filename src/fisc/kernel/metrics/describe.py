"""A figure in words: its period, its definition, its filters."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fisc.kernel import codes
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.spec import FigureRequest, Flow, Metric, ViewCount
from fisc.kernel.orgs.models import Unit

BEIJING = ZoneInfo("Asia/Shanghai")
PERIOD_TEXT = {
    "month": "{year}年{month}月当月",
    "ytd": "{year}年{span}累计",
    "year": "{year}年全年",
    "balance": "截至{year}年{month}月末",
    "opening": "{year}年年初",
}


def period_text(metric: Metric, request: FigureRequest) -> str:
    """2023年1－6月累计."""
    source = metric.source
    rule = source.period if isinstance(source, Flow | ViewCount) else "ytd"
    rule = "month" if request.only_month and rule == "ytd" else rule
    span = "1月" if request.month == 1 else f"1－{request.month}月"
    return PERIOD_TEXT[rule].format(year=request.year, month=request.month, span=span)


def definition(metric: Metric) -> tuple[tuple[str, str], ...]:
    """The definition as label and text."""
    rows = [("指标编码", metric.code), ("口径", metric.scope)]
    if metric.formula_id:
        rows.append(("算式编号", metric.formula_id))
    since = f"{metric.valid_from:%Y-%m-%d}起" if metric.valid_from else "一直"
    until = f"至{metric.valid_to:%Y-%m-%d}" if metric.valid_to else ""
    rows.append(("口径版本", f"第{metric.version}版，{since}{until}有效"))
    if isinstance(metric.source, Flow):
        rows.append(("取数", _flow_text(metric.source)))
    if isinstance(metric.source, ViewCount):
        rows.append(("取数", f"明细表 {metric.source.view}，按 {metric.source.on} 计期"))
    rows += [(label, text) for label, text in (("依据", metric.basis), ("说明", metric.note)) if text]
    return tuple(rows)


BOOKS = {
    "allotment": "预算指标账",
    "cash": "国库资金账",
    "revenue": "收入账",
    "debt": "债务账",
    "project": "项目账",
    "plan": "四本预算账",
    "idle": "存量资金账",
    "ceiling": "额度账",
}
SIDE_TEXT = {"net": "净额", "debit": "借方发生额", "credit": "贷方发生额"}


def _flow_text(flow: Flow) -> str:
    text = f"{BOOKS.get(flow.book, flow.book)}科目 {'、'.join(flow.subjects)} 的{SIDE_TEXT[flow.turnover]}"
    limits = [
        *(f"资金性质 {flow.fund}" for _ in [0] if flow.fund),
        *(f"功能科目 {code}*" for code in flow.functions),
        *(f"收入科目 {code}*" for code in flow.revenues),
        *(f"代码表“{flow.code_list}”计入的科目" for _ in [0] if flow.code_list),
    ]
    return text + (f"，限 {'、'.join(limits)}" if limits else "")


def filter_texts(request: FigureRequest) -> tuple[tuple[str, str], ...]:
    """The request's filters as label and text, with names."""
    rows: list[tuple[str, str]] = []
    for kind, label, code in (
        ("function", "功能科目", request.function),
        ("revenue", "收入科目", request.revenue),
        ("economic_department", "部门经济分类", request.economic),
    ):
        if code:
            found = codes.find(kind=kind, code=code, year=request.year, fund=request.fund)
            rows.append((label, found.label if found else code))
    if request.fund:
        fund = codes.find(kind="fund", code=request.fund, year=request.year)
        rows.append(("资金性质", fund.name if fund else request.fund))
    if request.unit_ids is not None:
        rows.append(("预算单位", unit_text(request.unit_ids)))
    for label, number in (("项目", request.project_id), ("指标", request.allotment_id)):
        if number is not None:
            rows.append((label, _document_text(number)))
    if request.as_known_on is not None:
        rows.append(
            ("数据截取时刻", f"{request.as_known_on:%Y-%m-%d %H:%M:%S} {request.as_known_on.tzname()}")
        )
    return tuple(rows)


def unit_text(unit_ids: Sequence[int]) -> str:
    """A few names, or how many."""
    names = list(Unit.objects.filter(id__in=unit_ids[:3]).order_by("code").values_list("name", flat=True))
    return "、".join(names) + (f" 等{len(unit_ids)}个单位" if len(unit_ids) > 3 else "")


def _document_text(number: int) -> str:
    found = Document.objects.filter(pk=number).values_list("number", "title").first()
    return " ".join(found) if found else str(number)
