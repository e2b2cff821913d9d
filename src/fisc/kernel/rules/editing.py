"""Writing rules: a change is a new version, a parameter's change is a new value from a day on, an exemption has a
reason and an end. Every text is checked against the view before it is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import Error, connection, transaction

from fisc.kernel.orgs.actor import Actor
from fisc.kernel.rules.errors import ConditionError, RuleNotFound
from fisc.kernel.rules.language import Compiled, compile_condition
from fisc.kernel.rules.models import Exemption, Parameter, Rule
from fisc.kernel.rules.spec import Severity, Stage
from fisc.kernel.rules.values import check_template, from_json, to_json
from fisc.kernel.rules.views import describe

REASONS = {
    "42883": "两边的类型不能这样比较或运算，例如文字与数字相比",
    "42804": "类型不一致",
    "22P02": "写定的文字不是所要求的数字或日期",
    "22007": "写定的文字不是日期",
    "22008": "日期超出范围",
    "2201B": "~ 右边的模式写法不对",
    "22012": "除数为零",
    "42725": "类型不明确，请写明是数字还是日期",
}


@dataclass(frozen=True)
class RuleDraft:
    """What a version of a rule says."""

    code: str
    title: str
    stage: Stage
    severity: Severity
    view: str
    condition: str
    message: str
    basis: str = ""
    owner: str = ""
    module: str = ""

    @property
    def digest(self) -> str:
        """A short name of what the version says, to see whether it changed."""
        said = (
            self.title,
            self.stage,
            self.severity,
            self.view,
            self.condition,
            self.message,
            self.basis,
            self.owner,
        )
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def verify(draft: RuleDraft, *, parameters: Mapping[str, Any]) -> Compiled:
    """This will check a draft's condition and message, with the database's own judgement of the types.

    :raises ConditionError: with the sentence and the place.
    """
    compiled = compile_condition(draft.condition, draft.view)
    check_types(compiled, parameters)
    check_template(draft.message, known=describe(draft.view).names | frozenset(parameters))
    return compiled


def check_types(compiled: Compiled, parameters: Mapping[str, Any]) -> None:
    """This will let the database judge the types of a condition, without reading a row.

    :raises ConditionError: in the user's words.
    """
    sql = f'SELECT FROM "{compiled.view}" AS f WHERE coalesce({compiled.sql(parameters)}, false) LIMIT 0'
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', '5s', true)")
            cursor.execute(sql)
            for pattern in compiled.patterns(parameters):  # no row was read, so no pattern was tried
                cursor.execute("SELECT '' ~ %s", [pattern])
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except Error as error:
        state = getattr(error.__cause__, "sqlstate", None) or ""
        reason = REASONS.get(state, "数据库不能理解这个条件")
        raise ConditionError(
            f"{reason}（{str(error.__cause__).splitlines()[0]}）。", text=compiled.text
        ) from error


def add_version(
    draft: RuleDraft, *, actor: Actor, at: dt.datetime, parameters: Mapping[str, Any] | None = None
) -> Rule:
    """This will make the draft the active version of its rule; the one before retires and keeps its findings.

    :raises ConditionError: the condition or the message does not fit the view.
    """
    with transaction.atomic():
        verify(draft, parameters={**values_of(draft.code), **(parameters or {})})
        before = Rule.objects.select_for_update().filter(code=draft.code).order_by("-version").first()
        Rule.objects.filter(code=draft.code, state="active").update(state="retired")
        return Rule.objects.create(
            code=draft.code,
            version=before.version + 1 if before else 1,
            title=draft.title,
            stage=draft.stage,
            severity=draft.severity,
            view=draft.view,
            condition=draft.condition,
            message=draft.message,
            basis=draft.basis,
            owner=draft.owner,
            module=draft.module or (before.module if before else ""),
            digest=draft.digest,
            created_at=at,
            created_by_id=actor.user_id,
        )


def retire(*, code: str) -> None:
    """This will switch a rule off. :raises RuleNotFound: it has no active version."""
    if not Rule.objects.filter(code=code, state="active").update(state="retired"):
        raise RuleNotFound(rule=code)


def set_parameter(
    *,
    rule_code: str,
    key: str,
    value: Any,
    valid_from: dt.date,
    actor: Actor,
    at: dt.datetime,
    basis: str = "",
) -> Parameter:
    """This will give a rule's parameter another value from a day on (the same day: in place of the value there)."""
    row, _ = Parameter.objects.update_or_create(
        rule_code=rule_code,
        key=key,
        valid_from=valid_from,
        defaults={"value": to_json(value), "basis": basis, "created_at": at, "created_by_id": actor.user_id},
    )
    return row


def exempt(
    *,
    rule_code: str,
    condition: str,
    reason: str,
    valid_from: dt.date,
    valid_to: dt.date | None,
    actor: Actor,
    at: dt.datetime,
) -> Exemption:
    """This will let rows pass a rule for a time. :raises ConditionError: the expression does not fit the view."""
    rule = Rule.objects.filter(code=rule_code, state="active").first()
    if rule is None:
        raise RuleNotFound(rule=rule_code)
    check_types(compile_condition(condition, rule.view), values_of(rule_code))
    return Exemption.objects.create(
        rule_code=rule_code,
        condition=condition,
        reason=reason,
        valid_from=valid_from,
        valid_to=valid_to,
        created_at=at,
        created_by_id=actor.user_id,
    )


def values_of(rule_code: str, *, on: dt.date | None = None) -> dict[str, Any]:
    """The parameter values of a rule on a day; without a day, the newest of each."""
    rows = Parameter.objects.filter(rule_code=rule_code).order_by("key", "valid_from")
    if on is not None:
        rows = rows.filter(valid_from__lte=on)
    return {row.key: from_json(row.value) for row in rows}
