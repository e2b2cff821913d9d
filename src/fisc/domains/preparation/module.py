"""预算编制: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.preparation import listening, watching
from fisc.domains.preparation.imports import IMPORTS
from fisc.domains.preparation.invariants import INVARIANTS
from fisc.domains.preparation.kinds import KINDS
from fisc.domains.preparation.metrics import METRICS
from fisc.domains.preparation.words import CONTROL, REPLY, REQUEST, ROUND
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
ALL_VIEWS = ("preparation.*.view",)
FILLING = tuple(f"{REQUEST}.{verb}" for verb in ("create", "edit", "submit", "withdraw", "attach"))
REVIEWING = tuple(f"{REQUEST}.{verb}" for verb in ("approve", "send_back", "attach"))
DECIDING = tuple(f"{kind}.{verb}" for kind in (CONTROL, REPLY) for verb in ("approve", "send_back", "attach"))
TIMERS = ("preparation.timer.forward", "preparation.timer.disclose")

MODULE = ModuleSpec(
    name="preparation",
    title="预算编制",
    kinds=KINDS,
    metrics=METRICS,
    imports=IMPORTS,
    urls="fisc.domains.preparation.urls",
    rules=HERE / "rules.toml",
    sentences=(HERE / "sentences" / "half_year.toml",),
    invariants=INVARIANTS,
    subscriptions={
        "budget.supplement.approved": listening.flag_restored,
        "budget.execution_cut.confirmed": listening.carry_cut,
        "calendar.day_began": watching.day_began,
    },
    chains=(
        ChainDefault(
            REQUEST,
            (
                ChainNodeDefault("单位审核", "unit_reviewer", scope="unit", limit_workdays=2),
                ChainNodeDefault("业务股室审核", "section_reviewer", scope="section", limit_workdays=5),
                ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=3),
            ),
        ),
        ChainDefault(
            CONTROL,
            (
                ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=2),
                ChainNodeDefault("局领导审批", "leader", limit_workdays=2),
            ),
        ),
        ChainDefault(
            REPLY,
            (
                ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=2),
                ChainNodeDefault("局领导审批", "leader", limit_workdays=2),
            ),
        ),
    ),
    roles=(
        RolePermissions("unit_maker", (f"{REQUEST}.view", *FILLING, "imports.preparation.lines", *TIMERS)),
        RolePermissions("unit_reviewer", (f"{REQUEST}.view", *REVIEWING)),
        RolePermissions("section_reviewer", (*ALL_VIEWS, *REVIEWING, "preparation.line.review")),
        RolePermissions(
            "budget_officer",
            (
                *ALL_VIEWS, *FILLING, f"{ROUND}.*", "preparation.line.review", "preparation.restored.answer",
                *(f"{kind}.{verb}" for kind in (CONTROL, REPLY)
                  for verb in ("create", "edit", "submit", "withdraw", "void", "attach")),
                f"{REPLY}.issue", *TIMERS, "imports.preparation.*",
            ),
        ),
        RolePermissions("budget_reviewer", (*ALL_VIEWS, *REVIEWING, *DECIDING, "preparation.line.review")),
        RolePermissions("leader", (*ALL_VIEWS, *DECIDING)),
        RolePermissions("auditor", ALL_VIEWS),
        RolePermissions("treasury_officer", ALL_VIEWS),
    ),
    nav=(
        NavItem("预算编制", "/preparation/", "calendar-range", "预算", f"{REQUEST}.view"),
        NavItem("预算申报", REQUEST, "clipboard-list", "预算", f"{REQUEST}.view", under="预算编制"),
        NavItem("控制数", CONTROL, "gauge", "预算", f"{CONTROL}.view", under="预算编制"),
        NavItem("部门预算批复", REPLY, "stamp", "预算", f"{REPLY}.view", under="预算编制"),
    ),
    palette={
        "预算编制": "/preparation/", "两上两下": "/preparation/", "一上": f"/d/{REQUEST}/", "二上": f"/d/{REQUEST}/",
        "控制数": f"/d/{CONTROL}/", "压减": "/preparation/cuts/", "先压后追": "/preparation/restored/",
        "批复时限": "/preparation/timers/", "版本比较": "/preparation/compare/",
    },
)  # fmt: skip
