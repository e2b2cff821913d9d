"""预算指标: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.budget import changes, replies, services
from fisc.domains.budget.imports import ALLOTMENTS, APPROVED
from fisc.domains.budget.invariants import INVARIANTS
from fisc.domains.budget.kinds import KINDS
from fisc.domains.budget.metrics import METRICS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
LEADER_FROM_FEN = 100_000_000  # 100 万元起，局领导审批

SECTION = ChainNodeDefault("业务股室审核", "section_reviewer", scope="section", limit_workdays=2)
BUDGET = ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=2)
LEADER = ChainNodeDefault("局领导审批", "leader", limit_workdays=2, amount_from_fen=LEADER_FROM_FEN)

MODULE = ModuleSpec(
    name="budget",
    title="预算指标",
    kinds=KINDS,
    metrics=METRICS,
    imports=(APPROVED, ALLOTMENTS),
    rules=HERE / "rules.toml",
    chart=HERE / "codes" / "chart.csv",
    invariants=INVARIANTS,
    subscriptions={"preparation.reply.issued": replies.draft_from_reply},
    chains=(
        ChainDefault(
            services.APPROPRIATION, (BUDGET, ChainNodeDefault("局领导审批", "leader", limit_workdays=2))
        ),
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
        RolePermissions("budget_reviewer", ("budget.*.reverse", "budget.*.revoke", "budget.*.unfreeze")),
        RolePermissions("budget_officer", ("budget.*.draft_allotments", "imports.budget.*")),
    ),
    nav=(
        NavItem("预算批复", services.APPROPRIATION, "stamp", "预算", "budget.appropriation.view"),
        NavItem("指标管理", services.ALLOTMENT, "wallet-cards", "预算", "budget.allotment.view"),
        NavItem("指标调剂", changes.VIREMENT, "arrow-left-right", "预算", "budget.virement.view"),
        NavItem("追加", changes.SUPPLEMENT, "circle-plus", "预算", "budget.supplement.view"),
        NavItem("追减", changes.CUT, "circle-minus", "预算", "budget.cut.view"),
        NavItem("指标冻结", changes.FREEZE, "snowflake", "预算", "budget.freeze.view"),
    ),
    palette={
        "指标": "/d/budget.allotment/",
        "调剂": "/d/budget.virement/",
        "批复": "/d/budget.appropriation/",
    },
)
