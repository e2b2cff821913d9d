"""The code lists there are: a frozen description of each, no data."""

from __future__ import annotations

from dataclasses import dataclass

FUNDS = ("general", "govfund", "statecapital", "socialinsurance", "unit")
# 单位资金 is spent under the functions of the general budget.
LIST_FUND = {"unit": "general"}


@dataclass(frozen=True)
class Kind:
    """A list of codes. ``by_fund``: the same code may mean different things in different funds.

    ``leaf_posting``: a document must name a leaf (末级), not a heading.
    """

    code: str
    title: str
    by_fund: bool = False
    leaf_posting: bool = True
    basis: str = ""


_CLASSIFICATION = "政府收支分类科目"

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("function", "支出功能分类", by_fund=True, basis=_CLASSIFICATION),
        Kind("economic_department", "部门预算支出经济分类", basis=_CLASSIFICATION),
        Kind("economic_government", "政府预算支出经济分类", basis=_CLASSIFICATION),
        Kind("fund", "资金性质", basis="预算法第五条"),
        Kind("revenue", "收入分类", by_fund=True, basis=_CLASSIFICATION),
        Kind("region", "行政区划", leaf_posting=False, basis="行政区划代码 GB/T 2260"),
        Kind("treasury_account", "财政总会计科目", basis="财库〔2022〕41号"),
        Kind("asset_class", "资产分类", basis="GB/T 14885"),
        Kind("procurement", "政府采购品目", basis="政府采购品目分类目录（2022年印发）"),
        Kind("transfer_type", "转移支付类型", leaf_posting=False, basis=_CLASSIFICATION),
        Kind("livelihood", "民生支出口径", leaf_posting=False, basis="本地口径，分年版本"),
        Kind("debt_risk", "债务风险等级", basis="债务率分档"),
        Kind("indicator_lifecycle", "指标核算环节与范围", basis="财办〔2022〕36号"),
    )
}
"""``economic_mapping`` is not a list of codes but pairs; it has its own table and functions."""


def list_funds(kind: str, fund: str | None) -> tuple[str, ...]:
    """This will name the fund columns of the table in which a code of that kind is looked up, in order.

    :raises KeyError: for a kind that does not exist.
    """
    if not KINDS[kind].by_fund:
        return ("",)
    if fund is None:
        return FUNDS
    return (LIST_FUND.get(fund, fund),)
