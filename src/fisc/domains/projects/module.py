"""项目库: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.projects import services
from fisc.domains.projects.imports import REGISTER
from fisc.domains.projects.kinds import CHANGE, PROJECT
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent

MODULE = ModuleSpec(
    name="projects",
    title="项目库",
    kinds=(PROJECT, CHANGE),
    imports=(REGISTER,),
    chart=HERE / "codes" / "chart.csv",
    subscriptions={"budget.appropriation.approved": services.start_arranged},
    chains=(
        ChainDefault(
            services.PROJECT_KIND,
            (
                ChainNodeDefault("单位审核", "unit_reviewer", scope="unit", limit_workdays=2),
                ChainNodeDefault("业务股室审核", "section_reviewer", scope="section", limit_workdays=3),
                ChainNodeDefault("预算股入库", "budget_reviewer", limit_workdays=3),
            ),
        ),
        ChainDefault(
            services.CHANGE_KIND,
            (
                ChainNodeDefault("业务股室审核", "section_reviewer", scope="section", limit_workdays=2),
                ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=2),
            ),
        ),
    ),
    roles=(
        RolePermissions("budget_officer", ("projects.*.finish", "projects.*.stop", "projects.*.start")),
        RolePermissions("budget_reviewer", ("projects.*.finish", "projects.*.stop")),
    ),
    nav=(NavItem("项目库", services.PROJECT_KIND, "folder-kanban", "预算", "projects.project.view"),),
    palette={"项目": "/d/projects.project/", "项目库": "/d/projects.project/"},
)
