"""What a module says about itself. One page (≤ 150 lines): a need shared by fewer than three modules is not here.

Every `fisc/domains/<name>/module.py` ends with `MODULE = ModuleSpec(...)`; `fisc.project` installs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.documents.spec import DocumentKind
    from fisc.kernel.exchange.spec import ImportSpec
    from fisc.kernel.metrics.spec import Metric
    from fisc.kernel.reports.spec import ReportLayout
    from fisc.kernel.rules.spec import Invariant

NavGroup = Literal["工作台", "预算", "执行", "核算与报告", "风险与监督", "系统"]
NAV_GROUPS: tuple[NavGroup, ...] = ("工作台", "预算", "执行", "核算与报告", "风险与监督", "系统")
Scope = Literal["unit", "section", "all"]


@dataclass(frozen=True)
class NavItem:
    """One line of the navigation; `target` is a document kind's code (its list) or a path ("/cash/").

    `under` names the line (of any module, in the same group) below which this one is shown when one is there.
    """

    label: str
    target: str
    icon: str
    group: NavGroup
    permission: str
    under: str = ""

    @property
    def is_kind(self) -> bool:
        """Whether the target is a document kind."""
        return not self.target.startswith("/")


@dataclass(frozen=True)
class RolePermissions:
    """What a module adds to a role: patterns such as "treasury.payment.*"; a name only for roles of its own."""

    code: str
    permissions: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class ChainNodeDefault:
    """One node of a default approval chain; the amount band is from (inclusive) to (exclusive), in 分."""

    label: str
    role: str
    scope: Scope = "all"
    limit_workdays: int = 1
    amount_from_fen: int | None = None
    amount_to_fen: int | None = None
    condition: str = ""


@dataclass(frozen=True)
class ChainDefault:
    """The approval chain a kind starts with; the bureau changes it in the product."""

    kind: str
    nodes: tuple[ChainNodeDefault, ...]


@dataclass(frozen=True)
class ModuleSpec:
    """A domain module: everything the rest of the product knows of it.

    `invariants` may be a tuple or a callable giving one; `chart` is the ledger chart CSV (or a mapping book → CSV);
    `sentences` are what the module says in the standard reports (TOML, see `domains/narrative/README.md`);
    `subscriptions` maps event names to functions called with the event after the commit, `emits` names events beside
    those of its steps; `guards` maps a step of any module ("preparation.reply.issue") to a function that may refuse
    it; `palette` are extra words the find-anything box knows (word → path).
    """

    name: str
    title: str
    kinds: tuple[DocumentKind, ...] = ()
    metrics: tuple[Metric, ...] = ()
    reports: tuple[ReportLayout, ...] = ()
    imports: tuple[ImportSpec, ...] = ()
    roles: tuple[RolePermissions, ...] = ()
    rules: Path | None = None
    chart: Path | Mapping[str, Path] | None = None
    invariants: tuple[Invariant, ...] = ()
    sentences: tuple[Path, ...] = ()
    subscriptions: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    emits: tuple[str, ...] = ()
    guards: Mapping[str, Callable[[StepCall], None]] = field(default_factory=dict)
    nav: tuple[NavItem, ...] = ()
    urls: str | None = None
    chains: tuple[ChainDefault, ...] = ()
    palette: Mapping[str, str] = field(default_factory=dict)
