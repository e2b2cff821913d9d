"""Plays the project bank: what is new comes in as Excel files, is evaluated, ranked and taken into the library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from fisc.domains.projects import ranking
from fisc.domains.projects.services import PROJECT_KIND
from fisc.kernel.orgs.models import Unit
from fisc.project.demo import bank_plan, natures
from fisc.project.demo.bank_plan import BankEntry
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.excel import import_workbook
from fisc.project.demo.preparing import project_ids
from fisc.project.demo.spending_plan import PlanLine

EVALUATION = "projects.evaluation"
_CATEGORY = {"personnel": "personnel", "running": "public", "operating": "operating", "special": "special"}
_HEADS = (
    "单位编码", "项目编码", "项目名称", "项目类别", "开始年度", "结束年度", "项目总额（元）", "立项依据", "绩效目标", "项目属性",
    "三保事项", "债券", "采购", "资产", "新增政策", "上级资金", "收益自平衡", "一案两书文号", "合同待付额（元）", "上次绩效等级",
    "绩效等级年度", "本级资金（元）", "上级资金额（元）", "一般债券（元）", "绩效指标",
)  # fmt: skip
_EVALUATION_HEADS = (
    "项目编码", "必要性", "经济性", "目标合理性", "实施可行性", "筹资合规性", "评估结论", "评估核定额（元）", "评估报告文号",
)  # fmt: skip


_ESTIMATE_HEADS = ("项目编码", "年度", "测算内容", "部门经济分类", "标准（元）", "数量", "计量单位")


def register(
    *, entries: Sequence[BankEntry], lines: Mapping[str, Sequence[PlanLine]], year: int, cast: Cast, on: date
) -> None:
    """This function will register a year's new projects, evaluate the large ones and take all into the library."""
    officer = cast.budget_officer
    ids = import_workbook(
        "projects.register",
        f"{year}年项目库.xlsx",
        _HEADS,
        [_row(entry) for entry in entries],
        on=on,
        actor=officer,
    )
    import_workbook(
        "projects.estimates", f"{year}年项目测算明细.xlsx", _ESTIMATE_HEADS,
        [
            (code, row.year, row.name, row.economic_code, row.standard_yuan, row.quantity, row.measure)
            for code, of_project in lines.items()
            for row in bank_plan.estimates(of_project)
        ],
        on=on, actor=officer,
    )  # fmt: skip
    large = [entry for entry in entries if entry.needs_evaluation]
    if large:
        evaluated = import_workbook(
            "projects.evaluations", f"{year}年事前绩效评估.xlsx", _EVALUATION_HEADS,
            [_evaluation(number, entry, year) for number, entry in enumerate(large, 1)], on=on, actor=officer,
        )  # fmt: skip
        approve(kind=EVALUATION, ids=evaluated, maker=officer, cast=cast, on=on, hour=10)
    approve(kind=PROJECT_KIND, ids=ids, maker=officer, cast=cast, on=on, hour=11)


def _row(entry: BankEntry) -> tuple[object, ...]:
    project, sources = entry.project, entry.sources_fen
    return (
        project.unit_code, project.code, project.name, _CATEGORY[project.kind], project.start_year, project.end_year,
        project.total_fen / 100, "年度部门预算", "按批复的绩效目标执行", natures.LABELS[entry.nature], entry.guarantee_item,
        *map(_yes, (entry.is_bond, entry.is_procurement, entry.is_asset, entry.is_new_policy, entry.has_upper_money)),
        _yes(entry.is_bond), entry.bond_reference, entry.contract_fen / 100, entry.grade, entry.grade_year or "",
        *(sources[kind] / 100 if kind in sources else "" for kind in ("own", "upper", "bond")),
        "；".join(entry.indicators),
    )  # fmt: skip


def _evaluation(number: int, entry: BankEntry, year: int) -> tuple[object, ...]:
    scores = [17 + (number + turn) % 4 for turn in range(5)]
    total = entry.project.total_fen / 100
    return (entry.project.code, *scores, "通过", total, f"区财绩评〔{year - 1}〕{number}号")


def _yes(value: bool) -> str:
    return "是" if value else "否"


def rank(*, entries: Iterable[BankEntry], year: int, cast: Cast, on: date) -> None:
    """This function will rank every department's projects for a year: what is rigid first, then what is important."""
    order = {natures.RIGID: 0, natures.PRIORITY: 1, natures.ORDINARY: 2}
    departments = {
        code: parent or unit_id
        for code, unit_id, parent, kind in Unit.objects.values_list("code", "id", "parent_id", "kind")
        if kind != Unit.Kind.BUREAU
    }
    projects = project_ids()
    of_department: dict[int, list[BankEntry]] = defaultdict(list)
    for entry in entries:
        project = entry.project
        runs = project.start_year <= year <= project.end_year
        if runs and project.kind in ranking.RANKED_CATEGORIES and project.unit_code in departments:
            of_department[departments[project.unit_code]].append(entry)
    for department_id, members in sorted(of_department.items()):
        members.sort(key=lambda entry: (order[entry.nature], -entry.project.total_fen))
        ranking.save_ranks(
            department_id=department_id, fiscal_year=year, actor=cast.budget_officer, at=moment(on, 16),
            ranks={projects[entry.project.code]: place for place, entry in enumerate(members, 1)},
        )  # fmt: skip
