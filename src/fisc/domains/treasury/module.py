"""国库支付: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.treasury import clearing, cover, plan_cuts, plans, queueing, services
from fisc.domains.treasury.imports import BATCH_PAYEES, RECEIPTS, STATEMENTS
from fisc.domains.treasury.invariants import INVARIANTS
from fisc.domains.treasury.kinds import KINDS
from fisc.domains.treasury.metrics import METRICS
from fisc.domains.treasury.plan_imports import CASH_PLANS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
SECTION_FROM_FEN = 5_000_000  # 5 万元起，业务股室审核
LEADER_FROM_FEN = 500_000_000  # 500 万元起，局领导审批

MAKER_STEPS = ("view", "create", "edit", "submit", "withdraw", "void", "attach")
UNIT = ChainNodeDefault("单位审核", "unit_reviewer", scope="unit", limit_workdays=1)
SECTION = ChainNodeDefault(
    "业务股室审核", "section_reviewer", scope="section", limit_workdays=1, amount_from_fen=SECTION_FROM_FEN
)
TREASURY = ChainNodeDefault("国库审核", "treasury_reviewer", limit_workdays=1)
LEADER = ChainNodeDefault("局领导审批", "leader", limit_workdays=2, amount_from_fen=LEADER_FROM_FEN)
SIGNED = ChainNodeDefault("局领导签批", "leader", limit_workdays=1)

MODULE = ModuleSpec(
    name="treasury",
    title="国库支付",
    kinds=KINDS,
    metrics=METRICS,
    imports=(BATCH_PAYEES, CASH_PLANS, RECEIPTS, STATEMENTS),
    rules=HERE / "rules.toml",
    chart=HERE / "codes" / "chart.csv",
    invariants=INVARIANTS,
    subscriptions={"calendar.day_began": cover.day_began},
    chains=(
        ChainDefault(services.PAYMENT, (UNIT, SECTION, TREASURY, LEADER)),
        ChainDefault(services.BATCH, (UNIT, SECTION, TREASURY, LEADER)),
        ChainDefault(
            plans.CASH_PLAN,
            (
                UNIT,
                ChainNodeDefault("业务股室审核", "section_reviewer", scope="section", limit_workdays=1),
                TREASURY,
            ),
        ),
        ChainDefault(plan_cuts.PLAN_CUT, (UNIT, TREASURY)),
        ChainDefault(plans.CONTROL, (TREASURY,)),
        ChainDefault(clearing.CLEARING, (TREASURY,)),
        ChainDefault(clearing.REFUND, (UNIT, TREASURY)),
        ChainDefault(queueing.QUEUE_ORDER, (TREASURY, SIGNED)),
        ChainDefault(queueing.OVERTAKING, (TREASURY, SIGNED)),
    ),
    roles=(
        RolePermissions(
            "unit_maker",
            (
                *(f"treasury.batch.{step}" for step in MAKER_STEPS),
                *(f"treasury.plan_cut.{step}" for step in MAKER_STEPS),
                "treasury.refund.create",
                "treasury.refund.edit",
                "treasury.refund.submit",
                "treasury.refund.withdraw",
                "treasury.refund.void",
                "treasury.payment.reissue",
                "imports.treasury.cash_plan",
            ),
        ),
        RolePermissions(
            "treasury_officer",
            (
                "treasury.*.pay_cash",
                "treasury.statement.*",
                "treasury.cash_plan.cancel",
                "treasury.forecast.*",
            ),
        ),
        RolePermissions("treasury_reviewer", ("treasury.statement.compare", "treasury.forecast.run")),
        RolePermissions("leader", ("treasury.queue_order.end", "treasury.overtaking.revoke")),
    ),
    nav=(
        NavItem("支付申请", services.PAYMENT, "banknote", "执行", "treasury.payment.view"),
        NavItem("批量支付", services.BATCH, "users", "执行", "treasury.batch.view", under="支付申请"),
        NavItem("支付排队", queueing.PAGE, "list-ordered", "执行", "treasury.queue_order.view"),
        NavItem("库款预测", "/treasury/forecast/", "chart-line", "执行", "treasury.forecast.view"),
        NavItem("用款计划", plans.CASH_PLAN, "calendar-clock", "执行", "treasury.cash_plan.view"),
        NavItem(
            "计划总览",
            "/treasury/plans/",
            "calendar-range",
            "执行",
            "treasury.cash_plan.view",
            under="用款计划",
        ),
        NavItem(
            "控制方式", plans.CONTROL, "sliders-horizontal", "执行", "treasury.control.view", under="用款计划"
        ),
        NavItem(
            "支付指令文件",
            "treasury.bank_file",
            "file-up",
            "执行",
            "treasury.bank_file.view",
            under="支付申请",
        ),
        NavItem("清算", clearing.CLEARING, "landmark", "执行", "treasury.clearing.view"),
        NavItem("国库对账", clearing.STATEMENT, "scale", "执行", "treasury.statement.view", under="清算"),
        NavItem("退款", clearing.REFUND, "undo-2", "执行", "treasury.refund.view", under="支付申请"),
    ),
    urls="fisc.domains.treasury.urls",
    palette={
        "支付": "/d/treasury.payment/",
        "清算": "/d/treasury.clearing/",
        "对账": "/d/treasury.statement/",
        "排队": queueing.PAGE,
        "库款预测": "/treasury/forecast/",
        "用款计划总览": "/treasury/plans/",
        "排队令": "/d/treasury.queue_order/",
        "插队": "/d/treasury.overtaking/",
    },
)
