"""What the project bank (项目库) knows of each project beside its name and total: flags, sources, indicators, grades."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fisc.project.demo import district, natures, programmes
from fisc.project.demo.spending_plan import PlanLine, PlanProject, SpendingPlan

EVALUATED_FROM_FEN = 500_000_000  # new projects from 500 万元 need an ex-ante evaluation
_GRADES = ("优", "优", "良", "良", "良", "良", "良", "良", "中", "中")
_POOR = "差"
_PUBLIC_WORKS = ("31005", "31006", "31001")


@dataclass(frozen=True)
class BankEntry:
    """One project as it stands in the bank."""

    project: PlanProject
    nature: str
    guarantee_item: str
    is_bond: bool
    is_procurement: bool
    is_asset: bool
    is_new_policy: bool
    has_upper_money: bool
    contract_fen: int
    grade: str
    grade_year: int | None
    sources_fen: Mapping[str, int] = field(default_factory=dict)  # own | upper | bond
    indicators: tuple[str, ...] = ()
    bond_reference: str = ""

    @property
    def needs_evaluation(self) -> bool:
        """Whether the bureau admits it only after an ex-ante evaluation."""
        is_plan = self.project.kind in ("operating", "special")
        return is_plan and self.project.total_fen >= EVALUATED_FROM_FEN


@dataclass(frozen=True)
class Estimate:
    """One line of a detailed estimate: standard × quantity."""

    year: int
    name: str
    economic_code: str
    standard_yuan: int
    quantity: int
    measure: str


# First letters of the economic item → what is counted, its measure and price in 元, what the rest is for.
_ESTIMATED: tuple[tuple[str, str, str, int, str], ...] = (
    ("31005", "建筑安装工程费", "平方米", 1_850, "勘察设计监理等费用"),
    ("31006", "修缮工程费", "平方米", 1_200, "设计监理等费用"),
    ("31001", "建筑安装工程费", "平方米", 2_600, "勘察设计监理等费用"),
    ("31012", "征迁补偿", "平方米", 3_200, "评估测绘等费用"),
    ("31002", "办公设备购置", "台套", 5_500, "安装调试"),
    ("310", "设备购置", "台套", 12_000, "安装调试"),
    ("303", "补助发放", "人次", 600, "发放手续等"),
    ("312", "奖补企业", "户", 85_000, "审核评审等费用"),
    ("313", "财政补助", "人", 640, "其他补助"),
    ("30226", "劳务人员", "人月", 4_800, "管理费用"),
    ("30209", "物业服务面积", "平方米", 48, "公共部位维护"),
    ("30216", "培训", "人天", 400, "师资和资料"),
    ("30213", "日常维护", "次", 2_800, "备品备件"),
)
_OTHER_ESTIMATE = ("服务采购", "项次", 9_500, "其他费用")
_COUNTED_PERCENT = 85


def estimates(lines: Sequence[PlanLine]) -> list[Estimate]:
    """This function will estimate a project year by year: most of it by quantity and price, the rest as one item."""
    found = []
    for line in lines:
        if line.is_prepared and line.kind in ("operating", "special") and line.approved_fen:
            found += _estimated(line)
    return found


def _estimated(line: PlanLine) -> list[Estimate]:
    fitting = (row[1:] for row in _ESTIMATED if line.economic_code.startswith(row[0]))
    name, measure, price, rest = next(fitting, _OTHER_ESTIMATE)
    yuan = line.approved_fen // 100
    quantity = yuan * _COUNTED_PERCENT // 100 // price
    rows = [Estimate(line.year, name, line.economic_code, price, quantity, measure)] if quantity else []
    left = yuan - quantity * price
    return [*rows, Estimate(line.year, rest, line.economic_code, left, 1, "项")] if left else rows


def entries(plan: SpendingPlan) -> list[BankEntry]:
    """This function will describe every project of the plan, in the plan's order."""
    rng = random.Random(district.SEED + 7)
    of_project: dict[str, list[PlanLine]] = defaultdict(list)
    for line in (*plan.lines, *plan.put_off):
        of_project[line.project_code].append(line)
    return [_entry(rng, project, of_project[project.code]) for project in plan.projects]


def _entry(rng: random.Random, project: PlanProject, lines: Sequence[PlanLine]) -> BankEntry:
    first = lines[0]
    flags = first.flags
    is_works = first.economic_code.startswith("310") or first.economic_code in ("30213", "30227")
    is_asset = first.economic_code.startswith("310")
    is_plan = project.kind in ("operating", "special")
    return BankEntry(
        project=project,
        nature=natures.nature(first),
        guarantee_item=natures.guarantee_item(first) if project.kind != "personnel" else "",
        is_bond=bool(flags & programmes.BOND),
        is_procurement=is_plan and is_works,
        is_asset=is_plan and is_asset,
        is_new_policy=is_plan and project.start_year == project.first_year and project.first_year > 2022
        and first.economic_code.startswith(("303", "312")),
        has_upper_money=bool(flags & programmes.DIRECT),
        contract_fen=_contract_fen(project, first),
        grade=_grade(rng, project) if is_plan else "",
        grade_year=project.first_year - 1 if is_plan and project.start_year < project.first_year else None,
        sources_fen=_sources(project, flags),
        indicators=_indicators(rng, project, first) if is_plan else (),
        bond_reference=f"区发改债〔{project.first_year}〕{rng.randint(3, 60)}号" if flags & programmes.BOND else "",
    )  # fmt: skip


def _contract_fen(project: PlanProject, line: PlanLine) -> int:
    """What is signed and still to pay: a third of the large works."""
    is_large = line.economic_code in _PUBLIC_WORKS and project.total_fen >= EVALUATED_FROM_FEN
    return project.total_fen // 3 // 10_000 * 10_000 if is_large else 0


def _grade(rng: random.Random, project: PlanProject) -> str:
    if project.start_year == project.first_year:
        return ""
    return _POOR if rng.random() < 0.04 else rng.choice(_GRADES)


def _sources(project: PlanProject, flags: int) -> dict[str, int]:
    """Sources by kind; nothing when all is the district's own money."""
    if not flags & (programmes.DIRECT | programmes.BOND):
        return {}
    other = project.total_fen * 6 // 10 // 10_000 * 10_000
    kind = "bond" if flags & programmes.BOND else "upper"
    return {"own": project.total_fen - other, kind: other}


def _indicators(rng: random.Random, project: PlanProject, line: PlanLine) -> tuple[str, ...]:
    """Three indicators: 一级|二级|指标|符号|指标值|计量单位|权重, weights making 100."""
    satisfied = rng.choice((85, 90, 92, 95))
    if line.economic_code.startswith("310"):
        amount = max(project.total_fen // 40_000_000, 1)
        rows = (
            f"产出|数量|建设（购置）完成量|≥|{amount}|项|40",
            f"产出|时效|按期完工率|≥|{rng.choice((90, 95))}|%|30",
        )
    elif line.economic_code.startswith("303"):
        heads = max(project.total_fen // 60_000 // 10, 10)
        rows = (f"产出|数量|补助发放人次|≥|{heads}|人次|40", "产出|时效|按月足额发放率|≥|100|%|30")
    elif line.economic_code.startswith("312"):
        rows = (
            f"产出|数量|惠及企业户数|≥|{rng.randint(8, 60)}|家|40",
            "效益|经济效益|受奖补企业税收增幅|≥|5|%|30",
        )
    else:
        rows = (f"产出|数量|开展工作批次|≥|{rng.randint(2, 12)}|批次|40", "产出|质量|验收合格率|≥|98|%|30")
    return (*rows, f"满意度|服务对象|服务对象满意度|≥|{satisfied}|%|30")
