"""Reading and writing chains. A chain version is immutable, so its nodes are kept in memory once read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import transaction

from fisc.base.money import format_fen
from fisc.kernel import lean
from fisc.kernel.approvals.errors import ChainError
from fisc.kernel.approvals.models import Chain, ChainNode
from fisc.kernel.documents import kinds
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Role
from fisc.kernel.rules.editing import check_types
from fisc.kernel.rules.language import compile_condition

CURRENT = "SELECT id FROM approvals_chain WHERE kind = %s AND is_current"
HEADER_VIEW = "v_document_facts"
"""The fact view of kinds that have none of their own."""


@dataclass(frozen=True)
class Node:
    """One node of a chain as the engine uses it; the amount band is from (inclusive) to (exclusive), in 分."""

    seq: int
    label: str
    role: str
    scope: str = "all"
    amount_from_fen: int | None = None
    amount_to_fen: int | None = None
    condition: str = ""
    limit_workdays: int = 1

    def covers(self, amount_fen: int) -> bool:
        """Whether the amount lies in the node's band; repayments count by their size."""
        size = abs(amount_fen)
        from_here = self.amount_from_fen is None or size >= self.amount_from_fen
        return from_here and (self.amount_to_fen is None or size < self.amount_to_fen)


def current_chain_id(kind: str) -> int | None:
    """The id of the version in force for a kind; None when it has no chain."""
    rows = lean.fetch(CURRENT, (kind,))
    return rows[0][0] if rows else None


@lru_cache(maxsize=500)
def nodes_of(chain_id: int) -> tuple[Node, ...]:
    """The nodes of a chain version in order."""
    rows = ChainNode.objects.filter(chain_id=chain_id).order_by("seq")
    return tuple(
        Node(
            seq=row.seq,
            label=row.label,
            role=row.role,
            scope=row.scope,
            amount_from_fen=row.amount_from_fen,
            amount_to_fen=row.amount_to_fen,
            condition=row.condition,
            limit_workdays=row.limit_workdays,
        )
        for row in rows
    )


def node_of(chain_id: int, seq: int) -> Node:
    """One node of a chain version."""
    return next(node for node in nodes_of(chain_id) if node.seq == seq)


def save_chain(*, kind: str, nodes: Sequence[Node], actor: Actor, at: dt.datetime, note: str = "") -> Chain:
    """This will make these the nodes for documents submitted from now on; those under way keep their version.

    The nodes are numbered 10, 20, 30 … in the given order.

    :raises ChainError: a name is used twice, a role does not exist, a condition does not fit, or some amount would
        pass no node at all.
    """
    numbered = [Node(**{**node.__dict__, "seq": 10 * number}) for number, node in enumerate(nodes, start=1)]
    check_nodes(kind, numbered)
    with transaction.atomic():
        before = Chain.objects.select_for_update().filter(kind=kind).order_by("-version").first()
        Chain.objects.filter(kind=kind, is_current=True).update(is_current=False)
        chain = Chain.objects.create(
            kind=kind,
            version=before.version + 1 if before else 1,
            note=note,
            created_at=at,
            created_by_id=actor.user_id,
        )
        ChainNode.objects.bulk_create([ChainNode(chain=chain, **node.__dict__) for node in numbered])
    return chain


def check_nodes(kind: str, nodes: Sequence[Node]) -> None:
    """This will check a chain before it is written. :raises ChainError: with the node's name."""
    if not nodes:
        raise ChainError("审批流程至少要有一个环节。")
    labels = [node.label.strip() for node in nodes]
    if "" in labels or len(set(labels)) < len(labels):
        raise ChainError("每个环节都要有名称，且不能重名。")
    known = set(Role.objects.filter(group="business").values_list("code", flat=True))
    for node in nodes:
        if node.role not in known:
            raise ChainError(f"环节“{node.label}”的角色 {node.role} 不存在。")
        if node.limit_workdays < 1:
            raise ChainError(f"环节“{node.label}”的限办工作日至少为 1。")
        if node.condition:
            check_types(compile_condition(node.condition, fact_view(kind)), {})
    _check_every_amount(nodes)


def fact_view(kind: str) -> str:
    """The view that conditions of a kind's nodes look at."""
    return kinds.get(kind).fact_view or HEADER_VIEW


def _check_every_amount(nodes: Sequence[Node]) -> None:
    """Whatever the amount, somebody must look at it: nodes with a condition do not count."""
    always = [node for node in nodes if not node.condition]
    borders = {0}
    for node in always:
        borders |= {border for border in (node.amount_from_fen, node.amount_to_fen) if border is not None}
    for border in sorted(borders):
        if not any(node.covers(border) for node in always):
            raise ChainError(f"金额 {format_fen(border)} 元起没有任何环节审核，请补上。")
