"""推演台: what the rest of the product knows of this module."""

from fisc.domains.scenarios.kinds import SCENARIO
from fisc.kernel.modules.spec import ModuleSpec, NavItem, RolePermissions

_WORK = tuple(
    f"scenarios.scenario.{verb}" for verb in ("view", "create", "compute", "keep", "draw_up", "void")
)
_READ = ("scenarios.scenario.view",)

MODULE = ModuleSpec(
    name="scenarios",
    title="推演台",
    kinds=(SCENARIO,),
    roles=(
        RolePermissions("budget_officer", _WORK),
        RolePermissions("budget_reviewer", _WORK),
        RolePermissions("treasury_officer", _WORK),
        RolePermissions("treasury_reviewer", _READ),
        RolePermissions("leader", _READ),
        RolePermissions("auditor", _READ),
    ),
    nav=(NavItem("推演台", "/scenarios/", "split", "预算", "scenarios.scenario.view"),),
    urls="fisc.domains.scenarios.urls",
    palette={"推演": "/scenarios/", "压减推演": "/scenarios/", "三保压力测试": "/scenarios/"},
)
