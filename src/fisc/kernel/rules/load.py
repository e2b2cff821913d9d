"""Rules as a module ships them: `rules.toml` → the first versions in the database, and new versions when it changes.

    [[rule]]
    id = "M12"
    title = "购物卡、预付卡"
    stage = "before"          # before 事前, during 事中, after 事后
    severity = "block"        # block 拦截, warn 预警, hint 提示
    view = "v_payment_facts"
    condition = "contains_any(purpose, :words)"
    message = "用途“{purpose}”涉及购物卡、预付卡，本笔 {amount_fen:yuan}。"
    basis = "……"
    owner = "国库股"
    parameters = { words = ["购物卡", "充值"] }
    [[rule.dated]]            # a value from a day on
    key = "limit_fen"
    value = 100000
    valid_from = 2023-07-01

What the bureau has changed in the product stays: a rule whose newest version was made by a person is left alone.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from fisc.kernel.orgs.actor import Actor
from fisc.kernel.rules.editing import RuleDraft, add_version, set_parameter
from fisc.kernel.rules.errors import RuleFileError
from fisc.kernel.rules.models import Parameter, Rule
from fisc.kernel.rules.spec import SEVERITY_LABELS, STAGE_LABELS

FIRST_DAY = dt.date(2000, 1, 1)
KEYS = {
    "id", "title", "stage", "severity", "view", "condition", "message", "basis", "owner", "parameters", "dated", "note",
}  # fmt: skip
NEEDED = ("id", "title", "stage", "severity", "view", "condition", "message")


@dataclass(frozen=True)
class ShippedRule:
    """One rule of a file with the values of its parameters by day."""

    draft: RuleDraft
    parameters: tuple[tuple[str, dt.date, Any], ...]


def read_rules(path: Path, *, module: str) -> list[ShippedRule]:
    """This will read a module's rules. :raises RuleFileError: naming the file, the rule and what is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RuleFileError(f"{path.name} 不是有效的 TOML：{error}") from error
    rules = [_read_one(entry, path, module) for entry in data.get("rule", [])]
    codes = [rule.draft.code for rule in rules]
    for code in codes:
        if codes.count(code) > 1:
            raise RuleFileError(f"{path.name} 中规则 {code} 出现了两次。")
    return rules


def install_rules(path: Path, *, module: str, actor: Actor, at: dt.datetime) -> list[str]:
    """This will bring a module's rules into the database and return the codes that were new or changed."""
    changed = []
    with transaction.atomic():
        for shipped in read_rules(path, module=module):
            if _install_one(shipped, actor=actor, at=at):
                changed.append(shipped.draft.code)
    return changed


def _read_one(entry: Mapping[str, Any], path: Path, module: str) -> ShippedRule:
    name = entry.get("id", "（无编号）")
    missing = [key for key in NEEDED if not entry.get(key)]
    if missing:
        raise RuleFileError(f"{path.name} 规则 {name} 缺少 {'、'.join(missing)}。")
    unknown = sorted(set(entry) - KEYS)
    if unknown:
        raise RuleFileError(f"{path.name} 规则 {name} 有不认识的项 {'、'.join(unknown)}。")
    if entry["stage"] not in STAGE_LABELS or entry["severity"] not in SEVERITY_LABELS:
        raise RuleFileError(f"{path.name} 规则 {name} 的 stage 或 severity 不在规定的值内。")
    values = [(key, FIRST_DAY, value) for key, value in entry.get("parameters", {}).items()]
    values += [(row["key"], row["valid_from"], row["value"]) for row in entry.get("dated", [])]
    draft = RuleDraft(
        code=entry["id"],
        title=entry["title"],
        stage=entry["stage"],
        severity=entry["severity"],
        view=entry["view"],
        condition=" ".join(entry["condition"].split()),
        message=entry["message"].strip(),
        basis=entry.get("basis", ""),
        owner=entry.get("owner", ""),
        module=module,
    )
    return ShippedRule(draft=draft, parameters=tuple(values))


def _install_one(shipped: ShippedRule, *, actor: Actor, at: dt.datetime) -> bool:
    draft = shipped.draft
    newest = Rule.objects.filter(code=draft.code).order_by("-version").first()
    changed = False
    if newest is None or (newest.created_by_id == actor.user_id and newest.digest != draft.digest):
        add_version(
            draft, actor=actor, at=at, parameters={key: value for key, _, value in shipped.parameters}
        )
        changed = True
    _install_parameters(shipped, actor=actor, at=at)
    return changed


def _install_parameters(shipped: ShippedRule, *, actor: Actor, at: dt.datetime) -> None:
    known = set(Parameter.objects.filter(rule_code=shipped.draft.code).values_list("key", "valid_from"))
    for key, valid_from, value in shipped.parameters:
        if (key, valid_from) not in known:
            set_parameter(
                rule_code=shipped.draft.code, key=key, value=value, valid_from=valid_from, actor=actor, at=at
            )
