"""收入管理: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.revenue import corrections, services, tasks
from fisc.domains.revenue.imports import IMPORTS
from fisc.domains.revenue.invariants import INVARIANTS
from fisc.domains.revenue.kinds import KINDS
from fisc.domains.revenue.metrics import METRICS
from fisc.domains.revenue.reports import REPORTS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
LEADER_FROM_FEN = 100_000_000  # 更正 100 万元起，局领导审批

REVENUE = ChainNodeDefault("收入审核", "revenue_reviewer", limit_workdays=1)

MODULE = ModuleSpec(
    name="revenue",
    title="收入管理",
    kinds=KINDS,
    metrics=METRICS,
    reports=REPORTS,
    imports=IMPORTS,
    chart=HERE / "codes" / "chart.csv",
    invariants=INVARIANTS,
    chains=(
        ChainDefault(
            corrections.KIND,
            (
                REVENUE,
                ChainNodeDefault("局领导审批", "leader", limit_workdays=2, amount_from_fen=LEADER_FROM_FEN),
            ),
        ),
        ChainDefault(tasks.KIND, (ChainNodeDefault("收入审核", "revenue_reviewer", limit_workdays=2),)),
    ),
    roles=(
        RolePermissions(
            "revenue_officer",
            ("revenue.daily_report.post", "imports.revenue.daily_report", "imports.revenue.task"),
        ),
        RolePermissions(
            "revenue_reviewer",
            (
                "revenue.daily_report.reverse",
                "revenue.task.replace",
                "revenue.sharing.set",
                "imports.revenue.daily_report",
            ),
        ),
    ),
    nav=(
        NavItem("国库日报", services.KIND, "landmark", "执行", "revenue.daily_report.view"),
        NavItem("收入更正", corrections.KIND, "file-pen-line", "执行", "revenue.correction.view"),
        NavItem("分成比例", "/revenue/sharing/", "split", "系统", "revenue.daily_report.view"),
        NavItem("收入任务", tasks.KIND, "target", "预算", "revenue.task.view"),
    ),
    urls="fisc.domains.revenue.urls",
    palette={
        "收入": "/d/revenue.daily_report/",
        "国库日报": "/d/revenue.daily_report/",
        "收入任务": "/d/revenue.task/",
        "分成比例": "/revenue/sharing/",
    },
)
