"""预算指标: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.budget import changes, replies, services
from fisc.domains.budget.advances import services as advances
from fisc.domains.budget.balances import services as balances
from fisc.domains.budget.execution import services as execution
from fisc.domains.budget.idle import services as idle
from fisc.domains.budget.imports import ALLOTMENTS, APPROVED
from fisc.domains.budget.invariants import INVARIANTS
from fisc.domains.budget.kinds import KINDS
from fisc.domains.budget.metrics import METRICS
from fisc.domains.budget.yearend import services as yearend
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
LEADER_FROM_FEN = 100_000_000  # 100 万元起，局领导审批

SECTION = ChainNodeDefault("业务股室审核", "section_reviewer", scope="section", limit_workdays=2)
BUDGET = ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=2)
LEADER = ChainNodeDefault("局领导审批", "leader", limit_workdays=2, amount_from_fen=LEADER_FROM_FEN)
ALWAYS_LEADER = ChainNodeDefault("局领导审批", "leader", limit_workdays=2)
BOTH = (BUDGET, ALWAYS_LEADER)  # 双签

MODULE = ModuleSpec(
    name="budget",
    title="预算指标",
    kinds=KINDS,
    metrics=METRICS,
    imports=(APPROVED, ALLOTMENTS),
    rules=HERE / "rules.toml",
    sentences=(HERE / "sentences" / "annual.toml",),
    chart=HERE / "codes" / "chart.csv",
    invariants=INVARIANTS,
    subscriptions={"preparation.reply.issued": replies.draft_from_reply},
    emits=(execution.CONFIRMED_EVENT,),
    chains=(
        ChainDefault(services.APPROPRIATION, BOTH),
        ChainDefault(balances.BALANCE, BOTH),
        ChainDefault(balances.TRANSFER, BOTH),
        ChainDefault(yearend.YEAR_END, BOTH),
        ChainDefault(idle.IDLE, BOTH),
        ChainDefault(advances.ADVANCE, BOTH),
        ChainDefault(advances.CLEARING, (BUDGET,)),
        ChainDefault(services.ALLOTMENT, (BUDGET,)),
        ChainDefault(changes.SUPPLEMENT, (BUDGET, LEADER)),
        ChainDefault(changes.CUT, (BUDGET, LEADER)),
        ChainDefault(
            changes.VIREMENT,
            (
                ChainNodeDefault("单位审核", "unit_reviewer", scope="unit", limit_workdays=1),
                SECTION,
                BUDGET,
                LEADER,
            ),
        ),
        ChainDefault(changes.FREEZE, (BUDGET,)),
    ),
    roles=(
        RolePermissions(
            "budget_reviewer",
            (
                *("budget.*.reverse", "budget.*.revoke", "budget.*.unfreeze", "budget.*.recover"),
                *("budget.year_end.close_books", "budget.execution_cut.decide"),
            ),
        ),
        RolePermissions(
            "budget_officer",
            (
                *("budget.*.draft_allotments", "imports.budget.*", "budget.year_end.refresh"),
                "budget.execution_cut.issue",
            ),
        ),
        RolePermissions("unit_maker", ("budget.execution_cut.appeal",)),
        RolePermissions("leader", ("budget.execution_cut.confirm",)),
        RolePermissions("auditor", ("budget.advance.review",)),
    ),
    nav=(
        NavItem(
            "预算批复", services.APPROPRIATION, "stamp", "预算", "budget.appropriation.view", under="指标管理"
        ),
        NavItem("指标管理", services.ALLOTMENT, "wallet-cards", "预算", "budget.allotment.view"),
        NavItem(
            "指标调剂", changes.VIREMENT, "arrow-left-right", "预算", "budget.virement.view", under="指标管理"
        ),
        NavItem(
            "追加", changes.SUPPLEMENT, "circle-plus", "预算", "budget.supplement.view", under="指标管理"
        ),
        NavItem("追减", changes.CUT, "circle-minus", "预算", "budget.cut.view", under="指标管理"),
        NavItem("指标冻结", changes.FREEZE, "snowflake", "预算", "budget.freeze.view", under="指标管理"),
        NavItem("四本预算", "/budget/four/", "scale", "预算", "budget.balance.view"),
        NavItem(
            "收支平衡表",
            balances.BALANCE,
            "table-properties",
            "预算",
            "budget.balance.view",
            under="四本预算",
        ),
        NavItem(
            "预算间调拨",
            balances.TRANSFER,
            "arrow-right-left",
            "预算",
            "budget.transfer_between.view",
            under="四本预算",
        ),
        NavItem("执行率核减", "/budget/cuts/", "trending-down", "预算", "budget.execution_cut.view"),
        NavItem("预拨垫付", "/budget/advances/", "fast-forward", "执行", "budget.advance.view"),
        NavItem(
            "预拨清理",
            advances.CLEARING,
            "check-check",
            "执行",
            "budget.advance_clearing.view",
            under="预拨垫付",
        ),
        NavItem("存量资金", "/budget/idle/", "recycle", "执行", "budget.idle.view"),
        NavItem("年终结转", "/budget/year-end/", "calendar-check-2", "核算与报告", "budget.year_end.view"),
    ),
    urls="fisc.domains.budget.urls",
    palette={
        "四本预算": "/budget/four/",
        "全口径": "/budget/four/",
        "年终结转": "/budget/year-end/",
        "存量资金": "/budget/idle/",
        "指标": "/d/budget.allotment/",
        "调剂": "/d/budget.virement/",
        "批复": "/d/budget.appropriation/",
    },
)
