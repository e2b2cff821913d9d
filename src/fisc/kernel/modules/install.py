"""What modules ship as data, brought into the database after each migration: charts, rights, chains, rules.

Idempotent, and polite: what the bureau has changed in the product stays as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from django.db import transaction

from fisc.kernel.approvals.chains import Node, nodes_of, save_chain
from fisc.kernel.approvals.models import Chain
from fisc.kernel.events.outbox import deliver
from fisc.kernel.ledger.charts import load_chart
from fisc.kernel.modules import registry
from fisc.kernel.modules.spec import ChainDefault, ModuleSpec
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.clock import business_now
from fisc.kernel.orgs.standing import offer_permissions
from fisc.kernel.rules.load import install_rules
from fisc.kernel.rules.views import describe


def sync(at: dt.datetime | None = None) -> list[str]:
    """This will install the defaults of every module and return what was new, in words for the log."""
    moment, actor = at or business_now(), system_actor()
    describe.cache_clear()
    done: list[str] = []
    with transaction.atomic():
        for module in registry.current().modules:
            done += _sync_module(module, actor=actor, at=moment)
    return done


def deliver_events(at: dt.datetime | None = None) -> int:
    """This will hand the events of the outbox to the modules that asked for them; returns how many."""
    return deliver(registry.current().subscriptions, at=at or business_now())


def _sync_module(module: ModuleSpec, *, actor: Actor, at: dt.datetime) -> list[str]:
    for chart in _charts(module):
        load_chart(chart)
    offer_permissions(additions=[(role.code, role.name, role.permissions) for role in module.roles])
    done = [f"chain {default.kind}" for default in module.chains if _sync_chain(default, actor=actor, at=at)]
    if module.rules is not None:
        done += [
            f"rule {code}" for code in install_rules(module.rules, module=module.name, actor=actor, at=at)
        ]
    return done


def _charts(module: ModuleSpec) -> list[Path]:
    if module.chart is None:
        return []
    return list(module.chart.values()) if isinstance(module.chart, Mapping) else [module.chart]


def _sync_chain(default: ChainDefault, *, actor: Actor, at: dt.datetime) -> bool:
    """Write the shipped chain where there is none, or where the shipped one has changed and nobody edited it."""
    nodes = [Node(seq=10 * number, **node.__dict__) for number, node in enumerate(default.nodes, start=1)]
    current = Chain.objects.filter(kind=default.kind, is_current=True).first()
    if current is not None and (
        current.created_by_id != actor.user_id or list(nodes_of(current.pk)) == nodes
    ):
        return False
    save_chain(kind=default.kind, nodes=nodes, actor=actor, at=at, note="随模块安装")
    return True
