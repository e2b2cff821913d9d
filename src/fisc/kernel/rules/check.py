"""Asking all rules of a view about a set of subjects in one query, and keeping what they found."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from fisc.kernel import lean
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.rules import rulebook
from fisc.kernel.rules.models import StoredFinding
from fisc.kernel.rules.spec import Finding, RuleVersion, Stage
from fisc.kernel.rules.values import sentence, to_json

COLUMNS = ", ".join(
    str(field.column) for field in StoredFinding._meta.concrete_fields if field.column != "id"
)
OPEN = "SELECT id FROM rules_finding WHERE subject_id = ANY(%s::bigint[]) AND is_open AND view = %s AND stage = %s"
INSERT = f"""
INSERT INTO rules_finding ({COLUMNS})
SELECT {COLUMNS} FROM jsonb_populate_recordset(NULL::rules_finding, %s::jsonb)
RETURNING id
"""
ORDER = {"block": 0, "warn": 1, "hint": 2}


def check(*, view: str, ids: Sequence[int], stage: Stage | None, at: dt.date) -> list[Finding]:
    """This will ask the active rules of the view and stage about these subjects, in one query.

    Returns the findings by subject, blocking ones first. Nothing is written.
    """
    if not ids:
        return []
    book = rulebook.current()
    question = rulebook.question(book, view=view, stage=stage, on=at)
    rows = _ask(question.sql, ids)
    if rows[0][0] != book.epoch:
        book = rulebook.refresh()
        question = rulebook.question(book, view=view, stage=stage, on=at)
        rows = _ask(question.sql, ids)
    return _findings(question.rules, [row[1:] for row in rows if row[1] is not None])


def reads(*, view: str, ids: Sequence[int], stage: Stage, at: dt.date) -> list[lean.Statement]:
    """The statements that `check` and `store` will begin with, for callers that read ahead."""
    question = rulebook.question(rulebook.current(), view=view, stage=stage, on=at)
    return [(question.sql, [list(ids)]), (OPEN, (list(ids), view, stage))]


def check_with(rules: Sequence[RuleVersion], *, view: str, ids: Sequence[int]) -> list[Finding]:
    """This will ask the given rules, active or not (the editor's trial)."""
    if not ids or not rules:
        return []
    rows = _ask(rulebook.question_sql(tuple(rules), view), ids)
    return _findings(tuple(rules), [row[1:] for row in rows if row[1] is not None])


def store(
    findings: Sequence[Finding],
    *,
    view: str,
    stage: Stage,
    ids: Sequence[int],
    at: dt.datetime,
    answers: Mapping[str, str] | None = None,
    actor: Actor | None = None,
) -> list[Finding]:
    """This will keep the findings of one check of these subjects and return them with the answers they have.

    A finding that says the same as before keeps its answer; one that no longer holds is closed. `answers` (rule code
    → explanation) are given by the actor to findings that have none.
    """
    opened = _open_findings(view=view, stage=stage, ids=ids)
    if not findings and not opened:
        return []
    with transaction.atomic(savepoint=False):
        _close([row.pk for row in opened.values() if not _still_holds(row, findings)])
        return _keep(findings, opened, at=at, answers=answers or {}, actor=actor)


def _ask(sql: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    rows = lean.fetch(sql, [list(ids)])
    if not rows:
        raise RuntimeError("rules_epoch has lost its row; run the migrations")
    return rows


def _findings(rules: tuple[RuleVersion, ...], rows: Iterable[tuple[int, list[bool], Any]]) -> list[Finding]:
    found = []
    for subject_id, hits, facts in rows:
        seen = json.loads(facts) if isinstance(facts, str) else facts
        for rule, hit in zip(rules, hits, strict=True):
            if hit:
                message = sentence(rule.message, {**rule.parameters, **seen})
                found.append(Finding(rule=rule, subject_id=subject_id, message=message, facts=seen))
    return sorted(found, key=lambda finding: (finding.subject_id, ORDER[finding.severity], finding.rule.code))


def _open_findings(*, view: str, stage: Stage, ids: Sequence[int]) -> dict[tuple[int, str], StoredFinding]:
    rows = lean.fetch(OPEN, (list(ids), view, stage))
    if not rows:
        return {}
    stored = StoredFinding.objects.in_bulk([row[0] for row in rows])
    return {(row.subject_id, row.rule_code): row for row in stored.values()}


def _still_holds(row: StoredFinding, findings: Sequence[Finding]) -> bool:
    return any(
        finding.subject_id == row.subject_id
        and finding.rule.id == row.rule_id
        and finding.message == row.message
        for finding in findings
    )


def _close(ids: Sequence[int]) -> None:
    if ids:
        StoredFinding.objects.filter(pk__in=ids).update(is_open=False)


def _keep(
    findings: Sequence[Finding],
    opened: Mapping[tuple[int, str], StoredFinding],
    *,
    at: dt.datetime,
    answers: Mapping[str, str],
    actor: Actor | None,
) -> list[Finding]:
    kept, new, answered = [], [], []
    for finding in findings:
        row = opened.get((finding.subject_id, finding.rule.code))
        if row is None or row.rule_id != finding.rule.id or row.message != finding.message:
            row = _row(finding, at)
            new.append(row)
        elif row.answer == "" and answers.get(finding.rule.code, "").strip():
            answered.append(row)
        _answer(row, answers.get(finding.rule.code, ""), actor, at)
        kept.append((finding, row))
    _insert(new)
    if answered:
        StoredFinding.objects.bulk_update(answered, ["answer", "answered_by", "answered_at"])
    return [replace(finding, answer=row.answer, id=row.pk) for finding, row in kept]


def _insert(rows: Sequence[StoredFinding]) -> None:
    """One statement for all; the rows get their ids."""
    if not rows:
        return
    facts = [
        {key: value for key, value in vars(row).items() if key != "id" and key[0] != "_"} for row in rows
    ]
    ids = lean.fetch(INSERT, (json.dumps(facts, cls=DjangoJSONEncoder),))
    for row, (pk,) in zip(rows, ids, strict=True):
        row.pk = pk


def _row(finding: Finding, at: dt.datetime) -> StoredFinding:
    return StoredFinding(
        rule_id=finding.rule.id,
        rule_code=finding.rule.code,
        severity=finding.rule.severity,
        stage=finding.rule.stage,
        view=finding.rule.view,
        subject_id=finding.subject_id,
        message=finding.message,
        facts=finding.facts,
        parameters={key: to_json(value) for key, value in finding.rule.parameters.items()},
        found_at=at,
    )


def _answer(row: StoredFinding, text: str, actor: Actor | None, at: dt.datetime) -> None:
    if row.answer == "" and text.strip() and actor is not None:
        row.answer, row.answered_by_id, row.answered_at = text.strip(), actor.user_id, at
