"""项目库: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.projects import evaluations, idle, parts, ranking, services
from fisc.domains.projects.imports import REGISTER
from fisc.domains.projects.kinds import CHANGE, EVALUATION, PROJECT
from fisc.domains.projects.line_imports import LINE_IMPORTS
from fisc.domains.projects.metrics import METRICS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent

MODULE = ModuleSpec(
    name="projects",
    title="项目库",
    kinds=(PROJECT, CHANGE, EVALUATION),
    metrics=METRICS,
    imports=(REGISTER, *LINE_IMPORTS),
    rules=HERE / "rules.toml",
    chart=HERE / "codes" / "chart.csv",
    subscriptions={
        "budget.appropriation.approved": services.start_arranged,
        "calendar.day_began": idle.propose_monthly,
    },
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
        ChainDefault(evaluations.KIND, (ChainNodeDefault("绩效审核", "budget_reviewer", limit_workdays=5),)),
    ),
    roles=(
        RolePermissions(
            "unit_maker",
            ("projects.project.replan", "imports.projects.estimates", "imports.projects.indicators"),
        ),
        RolePermissions("unit_reviewer", (ranking.PERMISSION,)),
        RolePermissions("section_reviewer", (ranking.PERMISSION, "projects.project.keep")),
        RolePermissions(
            "budget_officer",
            (
                *("projects.*.finish", "projects.*.stop", "projects.*.start", "projects.project.archive"),
                *("projects.project.recall", "projects.project.keep", "projects.project.replan"),
                *(parts.REPLAN_LIBRARY, ranking.PERMISSION, idle.PERMISSION, services.SET_FACTS),
            ),
        ),
        RolePermissions(
            "budget_reviewer",
            ("projects.*.finish", "projects.*.stop", "projects.project.recall", "projects.project.keep"),
        ),
    ),
    nav=(
        NavItem("项目库", services.PROJECT_KIND, "folder-kanban", "预算", "projects.project.view"),
        NavItem(
            "项目排序", "/projects/ranking/", "list-ordered", "预算", "projects.project.view", under="项目库"
        ),
        NavItem(
            "事前评估",
            evaluations.KIND,
            "clipboard-check",
            "预算",
            "projects.evaluation.view",
            under="项目库",
        ),
        NavItem(
            "闲置项目", "/projects/idle/", "archive-restore", "预算", "projects.project.view", under="项目库"
        ),
    ),
    urls="fisc.domains.projects.urls",
    palette={
        "项目": "/d/projects.project/",
        "项目库": "/d/projects.project/",
        "项目排序": "/projects/ranking/",
        "闲置项目": "/projects/idle/",
    },
)
