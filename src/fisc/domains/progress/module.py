"""支出进度: what the rest of the product knows of this module."""

from pathlib import Path

from fisc.domains.progress import bulletins, nodes, services
from fisc.domains.progress.imports import TARGETS
from fisc.domains.progress.kinds import KINDS
from fisc.domains.progress.metrics import METRICS
from fisc.kernel.modules.spec import ChainDefault, ChainNodeDefault, ModuleSpec, NavItem, RolePermissions

HERE = Path(__file__).parent
VIEW = "progress.view"
READING = (VIEW, "progress.*.view")
MAKING = tuple(
    f"{kind}.{verb}"
    for kind in (services.KIND, bulletins.KIND)
    for verb in ("create", "edit", "submit", "withdraw", "void", "attach")
)
DECIDING = tuple(
    f"{kind}.{verb}"
    for kind in (services.KIND, bulletins.KIND)
    for verb in ("approve", "send_back", "attach")
)
ANSWERING = (f"{bulletins.LETTER_KIND}.reopen", f"{bulletins.LETTER_KIND}.close")
UNIT = (
    VIEW, f"{bulletins.LETTER_KIND}.view", f"{bulletins.LETTER_KIND}.reply", f"{bulletins.LETTER_KIND}.attach",
    f"{bulletins.KIND}.view",
)  # fmt: skip

MODULE = ModuleSpec(
    name="progress",
    title="支出进度",
    kinds=KINDS,
    metrics=METRICS,
    sentences=(HERE / "sentences" / "annual.toml",),
    imports=(TARGETS,),
    rules=HERE / "rules.toml",
    chains=(
        ChainDefault(
            services.KIND,
            (
                ChainNodeDefault("国库审核", "treasury_reviewer", limit_workdays=2),
                ChainNodeDefault("局领导审批", "leader", limit_workdays=2),
            ),
        ),
        ChainDefault(
            bulletins.KIND,
            (
                ChainNodeDefault("国库审核", "treasury_reviewer", limit_workdays=1),
                ChainNodeDefault("局领导审批", "leader", limit_workdays=1),
            ),
        ),
    ),
    roles=(
        RolePermissions("unit_maker", UNIT),
        RolePermissions("unit_reviewer", UNIT),
        RolePermissions("section_reviewer", (*READING, *ANSWERING)),
        RolePermissions("budget_officer", READING),
        RolePermissions("budget_reviewer", READING),
        RolePermissions(
            "treasury_officer",
            (*READING, *MAKING, *ANSWERING, "imports.progress.target", nodes.SET_LIMIT),
        ),
        RolePermissions("treasury_reviewer", (*READING, *DECIDING, *ANSWERING)),
        RolePermissions("leader", (*READING, *DECIDING)),
        RolePermissions("auditor", READING),
    ),
    nav=(
        NavItem("支出进度", "/progress/", "gauge", "执行", VIEW),
        NavItem("节点时限", "/progress/nodes/", "timer", "执行", VIEW, under="支出进度"),
        NavItem("督办清单", "/progress/red/", "siren", "风险与监督", VIEW),
        NavItem("进度任务", services.KIND, "target", "执行", f"{services.KIND}.view", under="支出进度"),
        NavItem("进度通报", bulletins.KIND, "megaphone", "执行", f"{bulletins.KIND}.view", under="支出进度"),
        NavItem(
            "催办约谈",
            bulletins.LETTER_KIND,
            "mail-warning",
            "执行",
            f"{bulletins.LETTER_KIND}.view",
            under="支出进度",
        ),
    ),
    urls="fisc.domains.progress.urls",
    palette={
        "支出进度": "/progress/",
        "排名": "/progress/",
        "时限": "/progress/nodes/",
        "督办清单": "/progress/red/",
    },
)
