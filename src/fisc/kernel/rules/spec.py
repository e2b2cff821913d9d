"""What a rule, a finding and a standing invariant are. Declarations only; the engine is `check.py`, `standing.py`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["block", "warn", "hint"]
Stage = Literal["before", "during", "after"]
Progress = Callable[[str, int, int], None]
"""Called as progress(what, done, total)."""

SEVERITY_LABELS: dict[str, str] = {"block": "拦截", "warn": "预警", "hint": "提示"}
STAGE_LABELS: dict[str, str] = {"before": "事前", "during": "事中", "after": "事后"}


@dataclass(frozen=True)
class RuleVersion:
    """One version of a rule as the engine uses it; `parameters` are the values in force on the day of the check."""

    id: int
    code: str
    version: int
    title: str
    stage: Stage
    severity: Severity
    view: str
    condition: str
    message: str
    basis: str = ""
    owner: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    exemptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A rule hit one row of its view: the rule's version, the facts it saw, and a sentence with the numbers in it."""

    rule: RuleVersion
    subject_id: int
    message: str
    facts: Mapping[str, Any]
    answer: str = ""
    id: int | None = None

    @property
    def severity(self) -> Severity:
        """The severity of the rule."""
        return self.rule.severity


@dataclass(frozen=True)
class Invariant:
    """A sentence about the books that must always hold: `sql` returns the rows that break it, none when all is well.

    `title` says what holds, `owner` who mends it, `explain` what to do about a bad row. The first columns of `sql`
    should name the row for a person (number, account, code …).
    """

    code: str
    title: str
    owner: str
    sql: str
    explain: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StandingResult:
    """What one invariant gave: how many bad rows, the first of them, and how long it took."""

    invariant: Invariant
    bad_count: int
    sample: tuple[Mapping[str, Any], ...]
    seconds: float
    ran_at: dt.datetime

    @property
    def holds(self) -> bool:
        """Whether no row breaks the invariant."""
        return self.bad_count == 0
