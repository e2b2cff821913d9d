"""工作报告: what the rest of the product knows of this module."""

from fisc.domains.narrative import services
from fisc.domains.narrative.kinds import REPORT
from fisc.domains.narrative.metrics import METRICS
from fisc.kernel.modules.spec import ModuleSpec, NavItem, RolePermissions

_WRITE = ("narrative.report.create", "narrative.report.void", "narrative.report.view")

MODULE = ModuleSpec(
    name="narrative",
    title="工作报告",
    kinds=(REPORT,),
    metrics=METRICS,
    roles=(
        RolePermissions("budget_officer", _WRITE),
        RolePermissions("budget_reviewer", (*_WRITE, "narrative.report.issue")),
        RolePermissions("leader", ("narrative.report.issue", "narrative.report.view")),
        RolePermissions("auditor", ("narrative.report.view",)),
    ),
    nav=(NavItem("工作报告", "/narrative/", "file-check", "核算与报告", "narrative.report.view"),),
    urls="fisc.domains.narrative.urls",
    palette={"半年报告": "/narrative/", "工作报告": "/narrative/", services.REPORT: "/narrative/"},
)
