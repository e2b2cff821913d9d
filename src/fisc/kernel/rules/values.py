"""Parameter values: as TOML and Python know them, as JSON keeps them, as a person reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from string import Formatter
from typing import Any

from fisc.base.money import format_fen
from fisc.kernel.rules.errors import ConditionError


def to_json(value: Any) -> Any:
    """A value that JSON can hold without loss: dates and decimals are marked."""
    match value:
        case Decimal() | float():
            return {"$decimal": str(value)}
        case dt.date():
            return {"$date": value.isoformat()}
        case list() | tuple():
            return [to_json(item) for item in value]
        case _:
            return value


def from_json(value: Any) -> Any:
    """The inverse of `to_json`."""
    match value:
        case {"$decimal": text}:
            return Decimal(text)
        case {"$date": text}:
            return dt.date.fromisoformat(text)
        case list():
            return [from_json(item) for item in value]
        case float():
            return Decimal(str(value))
        case _:
            return value


class _Sentence(Formatter):
    """`{amount_fen:yuan}`, `{share:percent}`, `{paid_on:date}`, `{words:list}`, `{payee_name}`; empty reads 无."""

    def format_field(self, value: Any, spec: str) -> str:
        if value is None or value == "":
            return "无"
        match spec:
            case "yuan":
                return f"{format_fen(int(value))} 元"
            case "wan":
                return f"{format_fen(int(value), 'wan')} 万元"
            case "percent":
                return f"{Decimal(str(value)):.2f}%"
            case "date":
                return str(value)[:10]
            case "list":
                return "、".join(map(str, value))
            case _:
                return format(value, spec)

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        if not field_name.isidentifier():
            raise KeyError(field_name)
        return super().get_field(field_name, args, kwargs)


def sentence(template: str, facts: Mapping[str, Any]) -> str:
    """The message with its numbers. :raises KeyError: it names something that is not among the facts."""
    return _Sentence().vformat(template, (), facts)


def check_template(template: str, *, known: frozenset[str]) -> None:
    """This will check a message template against the names it may use. :raises ConditionError: with the name."""
    formats = {"", "yuan", "wan", "percent", "date", "list"}
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ConditionError("提示语里的花括号不成对。", text=template) from error
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if name not in known:
            raise ConditionError(f"提示语里的“{{{name}}}”不是视图的列，也不是参数。", text=template)
        if (spec or "") not in formats or conversion:
            raise ConditionError(
                f"提示语里“{{{name}}}”的格式只能是 {'、'.join(sorted(formats - {''}))}。", text=template
            )
