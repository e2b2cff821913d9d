"""The modules of the running program, in the order of `fisc.project.installed`; nothing registers by import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fisc.kernel.approvals.invariants import INVARIANTS as APPROVAL_INVARIANTS
from fisc.kernel.documents import guards, kinds
from fisc.kernel.documents.invariants import INVARIANTS as DOCUMENT_INVARIANTS
from fisc.kernel.documents.spec import DocumentKind
from fisc.kernel.exchange import known as imports
from fisc.kernel.exchange.spec import ImportSpec
from fisc.kernel.ledger.invariants import invariants as ledger_invariants
from fisc.kernel.metrics import catalogue
from fisc.kernel.metrics.spec import Metric
from fisc.kernel.modules.spec import ModuleSpec, NavItem
from fisc.kernel.reports.layouts import STANDARD
from fisc.kernel.reports.spec import ReportLayout
from fisc.kernel.rules import standing
from fisc.kernel.rules.spec import Invariant

Subscriber = Callable[..., None]


@dataclass(frozen=True)
class Registry:
    """Everything the installed modules bring, by code."""

    modules: tuple[ModuleSpec, ...] = ()
    kinds: Mapping[str, DocumentKind] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    reports: Mapping[str, ReportLayout] = field(default_factory=dict)
    imports: Mapping[str, ImportSpec] = field(default_factory=dict)
    nav: tuple[NavItem, ...] = ()
    subscriptions: Mapping[str, Sequence[Subscriber]] = field(default_factory=dict)
    invariants: tuple[Invariant, ...] = ()

    def module_of(self, kind: str) -> ModuleSpec:
        """The module that declares a document kind. :raises KeyError: none does."""
        for module in self.modules:
            if any(declared.code == kind for declared in module.kinds):
                return module
        raise KeyError(kind)


_current = Registry()


def install(specs: Iterable[ModuleSpec]) -> Registry:
    """This will make these the modules of the running program and tell each kernel package its part.

    :raises ValueError: two modules share a name, or two kinds, imports, reports or checks share a code.
    """
    global _current
    modules = tuple(specs)
    _unique("module", [module.name for module in modules])
    reports = [*STANDARD, *(report for module in modules for report in module.reports)]
    _unique("report", [report.code for report in reports])
    found = Registry(
        modules=modules,
        kinds={kind.code: kind for module in modules for kind in module.kinds},
        metrics={metric.code: metric for module in modules for metric in module.metrics},
        reports={report.code: report for report in reports},
        imports={spec.code: spec for module in modules for spec in module.imports},
        nav=tuple(item for module in modules for item in module.nav),
        subscriptions=_merged(module.subscriptions for module in modules),
        invariants=_invariants(modules),
    )
    kinds.install(kind for module in modules for kind in module.kinds)
    guards.install(_guards(modules, found.kinds))
    imports.install(spec for module in modules for spec in module.imports)
    catalogue.install(metric for module in modules for metric in module.metrics)
    standing.install(found.invariants)
    _current = found
    return found


def current() -> Registry:
    """What is installed; empty before `install`."""
    return _current


def _unique(what: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{what} declared twice: {', '.join(twice)}")


def _merged(declared: Iterable[Mapping[str, Subscriber]]) -> dict[str, tuple[Subscriber, ...]]:
    """What several modules say to one event or step, in the order of the modules."""
    found: dict[str, tuple[Subscriber, ...]] = {}
    for one in declared:
        for name, function in one.items():
            found[name] = (*found.get(name, ()), function)
    return found


def _guards(
    modules: Sequence[ModuleSpec], known: Mapping[str, DocumentKind]
) -> dict[str, tuple[Subscriber, ...]]:
    """:raises ValueError: a guard watches a step that nobody declares."""
    found = _merged(module.guards for module in modules)
    steps = {kind.permission(step.name) for kind in known.values() for step in kind.steps}
    if unknown := sorted(set(found) - steps):
        raise ValueError(f"guards of unknown steps: {', '.join(unknown)}")
    return found


def _invariants(modules: Sequence[ModuleSpec]) -> tuple[Invariant, ...]:
    of_ledger = tuple(
        Invariant(code=row.code, title=row.title, owner=row.owner, sql=row.sql, explain=row.explain)
        for row in ledger_invariants()
    )
    of_modules = tuple(invariant for module in modules for invariant in module.invariants)
    return (*of_ledger, *DOCUMENT_INVARIANTS, *APPROVAL_INVARIANTS, *of_modules)
