"""基础信息与支出标准: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.standards import services
from fisc.domains.standards.imports import IMPORTS
from fisc.domains.standards.invariants import INVARIANTS
from fisc.domains.standards.kinds import KINDS
from fisc.domains.standards.metrics import METRICS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
LOOKING = ("standards.base_report.view", "standards.rate.view")
MAKING = tuple(
    f"{services.KIND}.{verb}" for verb in ("create", "edit", "submit", "withdraw", "void", "attach")
)
REVIEWING = tuple(f"{services.KIND}.{verb}" for verb in ("approve", "send_back", "attach"))

MODULE = ModuleSpec(
    name="standards",
    title="基础信息与支出标准",
    kinds=KINDS,
    metrics=METRICS,
    sentences=(HERE / "sentences" / "half_year.toml",),
    imports=IMPORTS,
    invariants=INVARIANTS,
    rules=HERE / "rules.toml",
    chains=(
        ChainDefault(
            services.KIND,
            (
                ChainNodeDefault("单位审核", "unit_reviewer", scope="unit", limit_workdays=2),
                ChainNodeDefault("业务股室审核", "section_reviewer", scope="section", limit_workdays=3),
            ),
        ),
    ),
    roles=(
        RolePermissions("unit_maker", (*LOOKING, *MAKING, "imports.standards.base")),
        RolePermissions("unit_reviewer", (*LOOKING, *REVIEWING)),
        RolePermissions("section_reviewer", (*LOOKING, *REVIEWING, f"{services.KIND}.reopen")),
        RolePermissions(
            "budget_officer",
            (*LOOKING, *MAKING, "standards.rate.set", "imports.standards.base", "imports.standards.rate"),
        ),
        RolePermissions("budget_reviewer", LOOKING),
        RolePermissions("leader", LOOKING),
        RolePermissions("auditor", LOOKING),
    ),
    nav=(
        NavItem(
            "基础信息",
            "/standards/base/",
            "clipboard-list",
            "预算",
            "standards.base_report.view",
            under="预算编制",
        ),
        NavItem("支出标准", "/standards/rates/", "ruler", "预算", "standards.rate.view", under="预算编制"),
        NavItem(
            "标准测算",
            "/standards/needs/",
            "calculator",
            "预算",
            "standards.base_report.view",
            under="预算编制",
        ),
    ),
    urls="fisc.domains.standards.urls",
    palette={
        "基础信息": "/standards/base/",
        "学生数": "/standards/base/?part=pupils",
        "支出标准": "/standards/rates/",
        "生均公用经费": "/standards/pupils/",
        "测算表": "/standards/needs/",
    },
)
