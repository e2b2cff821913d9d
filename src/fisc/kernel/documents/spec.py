"""What a module says about a kind of document: states, steps, fields, columns, and how it is made and approved.

Owns only declarations (frozen dataclasses holding real functions) and the protocols between a document's steps and
its approval chain. The engine is `perform.py`, the tables are in `models.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from django.db.models import Model

    from fisc.base.errors import Refusal
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.documents.models import Document
    from fisc.kernel.lean import Statement
    from fisc.kernel.orgs.actor import Actor

Tone = Literal["draft", "waiting", "running", "done", "wrong"]
FieldKind = Literal[
    "text",
    "long",
    "amount",
    "date",
    "code",
    "unit",
    "project",
    "document",
    "choice",
    "bool",
    "month",
    "account",
]
ColumnKind = Literal["number", "state", "text", "amount", "date", "code", "unit", "user"]
FilterKind = Literal["text", "unit", "choice", "amount_range", "date_range", "bool"]
StepStyle = Literal["primary", "plain", "danger"]

HEADER_FIELDS = frozenset(
    {"title", "amount_fen", "fund", "counterparty", "business_on", "unit_id", "section_code", "tags"}
)
"""Keys of `Field` and of `update_draft` that live on the header; every other key is an attribute of the module row."""

CHAIN_STEPS = ("submit", "approve", "send_back", "withdraw")
"""Steps that the approval chain of a kind (its `flow`) decides."""


@dataclass(frozen=True)
class State:
    """One state of a document: a participle in code, a word for the user, a tone for the mark beside it."""

    code: str
    label: str
    tone: Tone


@dataclass(frozen=True)
class Field:
    """One field of the form and the detail page; `key` is an attribute of the module row or a header field."""

    key: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    code_kind: str | None = None
    document_kind: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    editable: bool = True
    group: str = ""


@dataclass(frozen=True)
class Column:
    """One column of the list; `expr` is a Django ORM path from the module model ("document__title", "payee_name")."""

    key: str
    head: str
    kind: ColumnKind = "text"
    expr: str = ""
    pin: bool = False
    sort: bool = True
    total: bool = False
    code_kind: str | None = None

    @property
    def path(self) -> str:
        """The ORM path: `expr`, or the key itself."""
        return self.expr or self.key


@dataclass(frozen=True)
class Filter:
    """One filter of the list; `path` is a Django ORM path from the module model."""

    key: str
    label: str
    kind: FilterKind
    path: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing somebody may do with a document; the name is a verb.

    `to_state` None: `apply` (or the chain) sets the state of each document. `apply` runs once for all documents of
    the call, after the checks; of the chain steps `approve`, `send_back` and `withdraw` it gets only those documents
    that leave the review. `not_maker` keeps the maker away; `checks` runs the 事前 rules; `auto` steps have no button.
    `event` is the past-tense name emitted per document ("treasury.payment.cleared"); of `approve` and `send_back` only
    when the document leaves the review.
    """

    name: str
    label: str
    from_states: tuple[str, ...]
    to_state: str | None
    apply: Callable[[StepCall], None] | None = None
    reason: bool = False
    not_maker: bool = False
    checks: bool = False
    style: StepStyle = "plain"
    auto: bool = False
    event: str | None = None


@dataclass(frozen=True)
class Panel:
    """One card of the document page.

    kind "fields": `rows` are (label, value) pairs; "table": `head` and `rows` of cells; "bar": `rows` are (label, fen)
    parts of one stacked bar; "entries": `rows` are (entry id, label) links to vouchers; "text": `text`.
    `template` names a template of the module's own for anything else (it gets `data`).
    """

    title: str
    kind: Literal["fields", "table", "bar", "entries", "text", "template"] = "fields"
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    text: str = ""
    template: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    side: bool = False


@dataclass(frozen=True)
class Draft:
    """One document to be made; `row` holds the values of the module's own table. `section_code` None: the unit's."""

    unit_id: int
    fiscal_year: int
    business_on: dt.date
    title: str
    amount_fen: int
    fund: str = ""
    counterparty: str = ""
    source_id: int | None = None
    section_code: str | None = None
    row: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


class Create(Protocol):
    """A module's own creation: checks and completes the drafts, then calls `documents.create_many`."""

    def __call__(self, *, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]: ...


class Revise(Protocol):
    """A module's own say on a changed draft: completes the values (all columns allowed) or refuses."""

    def __call__(
        self, *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
    ) -> Mapping[str, Any]: ...


class Flow(Protocol):
    """An approval chain: decides states and nodes set-based. Each method refuses what it must (`call.refuse`), sets
    states and nodes, and leaves its writes to `call.afterwards`, so that they follow the module's `apply`."""

    def submit(self, call: StepCall) -> None: ...

    def approve(self, call: StepCall) -> None: ...

    def send_back(self, call: StepCall) -> None: ...

    def withdraw(self, call: StepCall) -> None: ...

    def cancel(self, call: StepCall) -> None:
        """The documents leave the review by another step (void)."""

    def reads(self, *, kind: str, step: str, ids: Sequence[int]) -> list[Statement]:
        """The statements a step of the chain begins with, so that they can be sent ahead with the headers' lock."""

    def why_not(self, *, document: Document, step: Step, actor: Actor, at: dt.datetime) -> Refusal | None:
        """Why this person may not take this chain step now; None: they may."""

    def stands_in(self, *, kind: str, actor: Actor, at: dt.datetime) -> bool:
        """Whether somebody has delegated this kind to the actor at that time."""


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document: one module table beside the header, its life and its pages.

    `is_lifelong`: it lives on from year to year (a project), so its list is not cut by the fiscal year.
    """

    code: str
    title: str
    prefix: str
    model: type[Model]
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    fields: tuple[Field, ...]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    icon: str = "file-text"
    flow: Flow | None = None
    fact_view: str | None = None
    panels: tuple[Callable[[Document, Actor], Panel | None], ...] = ()
    create: Create | None = None
    revise: Revise | None = None
    print_template: str | None = None
    line_model: type[Model] | None = None
    line_columns: tuple[Column, ...] = ()
    first_state: str = "draft"
    is_lifelong: bool = False
    editable_states: tuple[str, ...] = ("draft", "returned")

    def state(self, code: str) -> State:
        """The state of that code. :raises KeyError: the kind has no such state."""
        for state in self.states:
            if state.code == code:
                return state
        raise KeyError(f"{self.code} has no state {code}")

    def step(self, name: str) -> Step:
        """The step of that name. :raises KeyError: the kind has no such step."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(f"{self.code} has no step {name}")

    @property
    def line_parent(self) -> str:
        """The column of `line_model` that names the document: its key to the module's table, else `document_id`."""
        fields = self.line_model._meta.concrete_fields if self.line_model else ()
        return next(
            (f.attname for f in fields if f.is_relation and f.related_model is self.model), "document_id"
        )

    def permission(self, verb: str) -> str:
        """The permission string of a step or of "view", "create", "edit"."""
        return f"{self.code}.{verb}"


@dataclass(frozen=True)
class StepResult:
    """What became of the documents of one call: done, or refused with the reason."""

    done: list[int]
    refused: dict[int, Refusal]


@dataclass(frozen=True)
class StepChoice:
    """A button of the document page: enabled, or disabled with the reason."""

    step: Step
    enabled: bool
    why_not: str = ""
