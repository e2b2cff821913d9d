"""三保与民生: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.guarantees import services
from fisc.domains.guarantees.imports import IMPORTS
from fisc.domains.guarantees.invariants import INVARIANTS
from fisc.domains.guarantees.kinds import KINDS
from fisc.domains.guarantees.metrics import METRICS
from fisc.domains.guarantees.watch import GUARDS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
REPORT, LISTS = "guarantees.report.view", "guarantees.list.adopt"
SEEING = ("guarantees.*.view", REPORT)
MAKING = tuple(
    f"{services.KIND}.{verb}" for verb in ("view", "create", "edit", "submit", "withdraw", "void", "attach")
)
REVIEWING = tuple(f"{services.KIND}.{verb}" for verb in ("view", "approve", "send_back", "attach", "replace"))

MODULE = ModuleSpec(
    name="guarantees",
    title="三保与民生",
    kinds=KINDS,
    metrics=METRICS,
    imports=IMPORTS,
    invariants=INVARIANTS,
    guards=GUARDS,
    chains=(
        ChainDefault(
            services.KIND,
            (
                ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=2),
                ChainNodeDefault("局领导审批", "leader", limit_workdays=2),
            ),
        ),
    ),
    roles=(
        RolePermissions("budget_officer", (*SEEING, *MAKING, LISTS, "imports.guarantees.*")),
        RolePermissions("budget_reviewer", (*SEEING, *REVIEWING, LISTS, "imports.guarantees.*")),
        RolePermissions("leader", (*SEEING, *REVIEWING)),
        RolePermissions("section_reviewer", SEEING),
        RolePermissions("treasury_officer", SEEING),
        RolePermissions("treasury_reviewer", SEEING),
        RolePermissions("auditor", SEEING),
    ),
    nav=(
        NavItem("三保监测", "/guarantees/", "shield-check", "预算", REPORT),
        NavItem(
            "三保需求", services.KIND, "clipboard-list", "预算", f"{services.KIND}.view", under="三保监测"
        ),
        NavItem("三保清单", "/guarantees/list/", "list-checks", "系统", REPORT),
        NavItem("民生支出", "/guarantees/livelihood/", "heart-handshake", "核算与报告", REPORT),
    ),
    urls="fisc.domains.guarantees.urls",
    sentences=(HERE / "sentences" / "half_year.toml",),
    palette={
        "三保": "/guarantees/",
        "三保清单": "/guarantees/list/",
        "民生": "/guarantees/livelihood/",
        "需求测算": "/d/guarantees.need/",
    },
)
