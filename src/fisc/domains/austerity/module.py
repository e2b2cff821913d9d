"""三公与紧日子: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.austerity import services
from fisc.domains.austerity.imports import IMPORTS
from fisc.domains.austerity.invariants import INVARIANTS
from fisc.domains.austerity.kinds import KINDS
from fisc.domains.austerity.metrics import METRICS
from fisc.domains.austerity.watch import GUARDS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
REPORT = "austerity.report.view"
SEEING = ("austerity.*.view", REPORT)
MADE_BY_BUREAU = (services.CEILING, services.CHANGE, services.CAP)
MAKING = ("view", "create", "edit", "submit", "withdraw", "void", "attach")
REVIEWING = ("view", "approve", "send_back", "attach")
BUREAU = (
    ChainNodeDefault("预算股审核", "budget_reviewer", limit_workdays=2),
    ChainNodeDefault("局领导审批", "leader", limit_workdays=2),
)


def _verbs(kinds: tuple[str, ...], verbs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{kind}.{verb}" for kind in kinds for verb in verbs)


MODULE = ModuleSpec(
    name="austerity",
    title="三公与紧日子",
    kinds=KINDS,
    metrics=METRICS,
    imports=IMPORTS,
    rules=HERE / "rules.toml",
    chart=HERE / "codes" / "chart.csv",
    invariants=INVARIANTS,
    guards=GUARDS,
    chains=(
        *(ChainDefault(kind, BUREAU) for kind in MADE_BY_BUREAU),
        ChainDefault(
            services.RECEPTION_KIND,
            (ChainNodeDefault("单位审核", "unit_reviewer", scope="unit", limit_workdays=1),),
        ),
    ),
    roles=(
        RolePermissions("unit_maker", _verbs((services.RECEPTION_KIND,), MAKING)),
        RolePermissions("unit_reviewer", _verbs((services.RECEPTION_KIND,), REVIEWING)),
        RolePermissions("budget_officer", (*SEEING, *_verbs(MADE_BY_BUREAU, MAKING), "imports.austerity.*")),
        RolePermissions(
            "budget_reviewer",
            (*SEEING, *_verbs(MADE_BY_BUREAU, REVIEWING), f"{services.CAP}.replace", "austerity.set.adopt"),
        ),
        RolePermissions("leader", (*SEEING, *_verbs(MADE_BY_BUREAU, REVIEWING), f"{services.CAP}.replace")),
        RolePermissions("section_reviewer", SEEING),
        RolePermissions("treasury_officer", SEEING),
        RolePermissions("treasury_reviewer", SEEING),
        RolePermissions("auditor", SEEING),
    ),
    nav=(
        NavItem("三公控制", "/austerity/three-public/", "gauge", "预算", REPORT),
        NavItem(
            "三公额度",
            services.CEILING,
            "badge-japanese-yen",
            "预算",
            f"{services.CEILING}.view",
            under="三公控制",
        ),
        NavItem(
            "三公额度调整",
            services.CHANGE,
            "sliders-horizontal",
            "预算",
            f"{services.CHANGE}.view",
            under="三公控制",
        ),
        NavItem("一般性支出", "/austerity/general/", "scissors", "预算", REPORT),
        NavItem(
            "一般性支出限额", services.CAP, "scissors", "预算", f"{services.CAP}.view", under="一般性支出"
        ),
        NavItem(
            "公务接待",
            services.RECEPTION_KIND,
            "utensils",
            "预算",
            f"{services.RECEPTION_KIND}.view",
            under="三公控制",
        ),
    ),
    urls="fisc.domains.austerity.urls",
    sentences=(HERE / "sentences" / "half_year.toml", HERE / "sentences" / "annual.toml"),
    palette={
        "三公": "/austerity/three-public/",
        "紧日子": "/austerity/general/",
        "一般性支出": "/austerity/general/",
        "接待": "/d/austerity.reception/",
    },
)
