"""The active rules of this moment, kept in memory; one number in the database (the epoch) tells when to read anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from fisc.kernel.rules.language import compile_condition
from fisc.kernel.rules.models import Epoch, Exemption, Parameter, Rule
from fisc.kernel.rules.spec import RuleVersion, Stage
from fisc.kernel.rules.values import from_json
from fisc.kernel.rules.views import describe


@dataclass(frozen=True)
class Rulebook:
    """All active rules with the history of their parameters and exemptions, as of one epoch."""

    epoch: int
    rules: tuple[RuleVersion, ...]
    parameters: Mapping[str, tuple[tuple[str, dt.date, Any], ...]] = field(hash=False)
    exemptions: Mapping[str, tuple[tuple[dt.date, dt.date | None, str], ...]] = field(hash=False)

    def in_force(self, *, view: str, stage: Stage | None, on: dt.date) -> tuple[RuleVersion, ...]:
        """The rules of a view and stage (None: all stages), with the parameters and exemptions of that day."""
        chosen = (rule for rule in self.rules if rule.view == view and stage in (None, rule.stage))
        return tuple(self.dated(rule, on=on) for rule in chosen)

    def dated(self, rule: RuleVersion, *, on: dt.date) -> RuleVersion:
        """The rule with the parameters and exemptions of that day."""
        return replace(rule, parameters=self._values(rule.code, on), exemptions=self._passes(rule.code, on))

    def _values(self, code: str, on: dt.date) -> dict[str, Any]:
        # Rows come in date order, so the last one that has begun stays; before the first, the first holds.
        values: dict[str, Any] = {}
        for key, valid_from, value in self.parameters.get(code, ()):
            if valid_from <= on or key not in values:
                values[key] = value
        return values

    def _passes(self, code: str, on: dt.date) -> tuple[str, ...]:
        rows = self.exemptions.get(code, ())
        return tuple(text for since, until, text in rows if since <= on and (until is None or on <= until))


@dataclass(frozen=True)
class Question:
    """One query that asks every rule of a view and stage at once."""

    rules: tuple[RuleVersion, ...]
    sql: str


_current: dict[str, Rulebook] = {}


def current() -> Rulebook:
    """The rulebook as this process last knew it; `refresh` when the epoch says otherwise."""
    return _current.get("book") or refresh()


def refresh() -> Rulebook:
    """This will read the active rules anew (four queries)."""
    number = Epoch.objects.values_list("number", flat=True).first() or 0
    parameters: dict[str, list[tuple[str, dt.date, Any]]] = {}
    for row in Parameter.objects.order_by("rule_code", "key", "valid_from"):
        parameters.setdefault(row.rule_code, []).append((row.key, row.valid_from, from_json(row.value)))
    exemptions: dict[str, list[tuple[dt.date, dt.date | None, str]]] = {}
    for passing in Exemption.objects.all():
        rows = exemptions.setdefault(passing.rule_code, [])
        rows.append((passing.valid_from, passing.valid_to, passing.condition))
    book = Rulebook(
        epoch=number,
        rules=tuple(version_of(rule) for rule in Rule.objects.filter(state="active").order_by("code")),
        parameters={code: tuple(rows) for code, rows in parameters.items()},
        exemptions={code: tuple(rows) for code, rows in exemptions.items()},
    )
    _current["book"] = book
    return book


def version_of(rule: Rule) -> RuleVersion:
    """A stored rule as the engine uses it, without parameters."""
    return RuleVersion(
        id=rule.pk,
        code=rule.code,
        version=rule.version,
        title=rule.title,
        stage=rule.stage,  # type: ignore[arg-type]
        severity=rule.severity,  # type: ignore[arg-type]
        view=rule.view,
        condition=rule.condition,
        message=rule.message,
        basis=rule.basis,
        owner=rule.owner,
    )


def question(book: Rulebook, *, view: str, stage: Stage | None, on: dt.date) -> Question:
    """The query for that view, stage and day: one row (epoch, subject, hits, facts) per subject that is hit.

    The epoch comes with every answer, at least once, so a stale rulebook is noticed without another query.
    """
    return _question(book.epoch, view, stage, on)


@lru_cache(maxsize=1_000)
def _question(epoch: int, view: str, stage: Stage | None, on: dt.date) -> Question:
    rules = _current["book"].in_force(view=view, stage=stage, on=on)
    return Question(rules=rules, sql=question_sql(rules, view))


def question_sql(rules: tuple[RuleVersion, ...], view: str) -> str:
    """The SQL that asks these rules of the subjects in %s (bigint[])."""
    if not rules:
        nothing = "NULL::bigint, NULL::boolean[], NULL::jsonb"
        return f"SELECT number, {nothing} FROM rules_epoch WHERE %s::bigint[] IS NOT NULL"
    subject = describe(view).subject
    conditions = [f"coalesce({condition_sql(rule)}, false)" for rule in rules]
    return (
        "SELECT e.number, hit.subject, hit.hits, hit.facts FROM rules_epoch AS e LEFT JOIN LATERAL ("
        f'SELECT f."{subject}" AS subject, ARRAY[{", ".join(conditions)}] AS hits, to_jsonb(f) AS facts '
        f'FROM "{view}" AS f WHERE f."{subject}" = ANY(%s::bigint[]) AND ({" OR ".join(conditions)})'
        ") AS hit ON true"
    )


def condition_sql(rule: RuleVersion) -> str:
    """A rule's condition with its exemptions, parameters written in, `%` doubled for the driver."""
    sql = compile_condition(rule.condition, rule.view).sql(rule.parameters)
    for text in rule.exemptions:
        passing = compile_condition(text, rule.view).sql(rule.parameters)
        sql = f"({sql}) AND NOT coalesce({passing}, false)"
    return f"({sql})".replace("%", "%%")
