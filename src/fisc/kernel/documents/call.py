"""One call of a step: what a module's `apply` and the approval chain work on. Nothing here touches the database
except `rows`, which reads the module's rows once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fisc.kernel.documents.rows import read_rows
from fisc.kernel.lean import Statement

if TYPE_CHECKING:
    from fisc.base.errors import Refusal
    from fisc.kernel.documents.models import Document
    from fisc.kernel.documents.spec import DocumentKind, Step
    from fisc.kernel.orgs.actor import Actor


@dataclass
class Outcome:
    """What a call has decided so far; shared by the call and its subsets."""

    refused: dict[int, Refusal] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    nodes: dict[int, str] = field(default_factory=dict)
    amounts: dict[int, int] = field(default_factory=dict)
    details: dict[int, dict[str, Any]] = field(default_factory=dict)
    payloads: dict[int, dict[str, Any]] = field(default_factory=dict)
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    writes: list[Statement] = field(default_factory=list)


class StepCall:
    """The documents of one step, locked in id order; refused ones drop out of `documents`, `ids` and `rows`."""

    def __init__(
        self,
        *,
        kind: DocumentKind,
        step: Step,
        documents: Sequence[Document],
        actor: Actor,
        at: dt.datetime,
        comment: str = "",
        data: Mapping[str, Any] | None = None,
        outcome: Outcome | None = None,
        rows: dict[int, Any] | None = None,
    ) -> None:
        self.kind = kind
        self.step = step
        self.actor = actor
        self.at = at
        self.comment = comment
        self.data: Mapping[str, Any] = data or {}
        self.outcome = outcome or Outcome()
        self._documents = list(documents)
        self._rows = rows
        self._by_id: dict[int, Document] | None = None

    @property
    def documents(self) -> list[Document]:
        """The documents still in the call, in id order."""
        refused = self.outcome.refused
        return [d for d in self._documents if d.pk not in refused] if refused else self._documents

    @property
    def ids(self) -> list[int]:
        """The ids of the documents still in the call, in order."""
        return [document.pk for document in self.documents]

    @property
    def refused(self) -> dict[int, Refusal]:
        """Every refusal of the call so far."""
        return self.outcome.refused

    def document(self, doc_id: int) -> Document:
        """The locked document of that id. :raises KeyError: it is not in this call."""
        if self._by_id is None:
            self._by_id = {document.pk: document for document in self._documents}
        return self._by_id[doc_id]

    def rows(self) -> dict[int, Any]:
        """The module's rows of the documents still in the call, by document id, as they were when the step began."""
        if self._rows is None:
            self._rows = read_rows(self.kind.model, [document.pk for document in self._documents])
        refused = self.outcome.refused
        return {key: row for key, row in self._rows.items() if key not in refused} if refused else self._rows

    def refuse(self, doc_id: int, refusal: Refusal) -> None:
        """This will leave the document out of the step, with the reason; the first reason stays."""
        self.outcome.refused.setdefault(doc_id, refusal)

    def refuse_all(self, refusal: Refusal) -> None:
        """This will leave every document out of the step."""
        for doc_id in self.ids:
            self.refuse(doc_id, refusal)

    def set_state(self, doc_id: int, state: str) -> None:
        """This will give the document another state than the step's `to_state`."""
        self.outcome.states[doc_id] = state

    def set_node(self, doc_id: int, node: str) -> None:
        """This will say whose turn it is (a chain node's label, or "")."""
        self.outcome.nodes[doc_id] = node

    def set_amount(self, doc_id: int, amount_fen: int) -> None:
        """This will change the amount in the header, for steps that decide it (a partly paid batch)."""
        self.outcome.amounts[doc_id] = amount_fen

    def add_detail(self, doc_id: int, **facts: Any) -> None:
        """This will keep facts with the audit row of the document."""
        self.outcome.details.setdefault(doc_id, {}).update(facts)

    def add_payload(self, doc_id: int, **facts: Any) -> None:
        """This will add facts to the payload of the step's event."""
        self.outcome.payloads.setdefault(doc_id, {}).update(facts)

    def new_state(self, document: Document) -> str:
        """The state the document will have after the step."""
        decided = self.outcome.states.get(document.pk)
        return decided if decided is not None else (self.step.to_state or document.state)

    def afterwards(self, write: Callable[[], None]) -> None:
        """This will run `write` after the module's `apply`, inside the transaction."""
        self.outcome.afterwards.append(write)

    def write(self, sql: str, params: Sequence[Any]) -> None:
        """This will run a statement with the header's own, in one go, at the end of the transaction."""
        self.outcome.writes.append((sql, params))

    def subset(self, ids: Iterable[int]) -> StepCall:
        """The same call for some of its documents; decisions are shared."""
        wanted = set(ids)
        return StepCall(
            kind=self.kind,
            step=self.step,
            documents=[document for document in self._documents if document.pk in wanted],
            actor=self.actor,
            at=self.at,
            comment=self.comment,
            data=self.data,
            outcome=self.outcome,
            rows={key: row for key, row in self._rows.items() if key in wanted}
            if self._rows is not None
            else None,
        )
