"""The language of conditions: one boolean SQL expression over a fact view, parsed and white-listed by sqlglot.

Nothing of what a user typed reaches the database as text: the tree is checked node by node and written out anew.
Admitted are the view's columns, literals, `:parameters`, comparison, logic, arithmetic and the functions below. Two
meanings differ from plain SQL so that one bad row cannot stop a batch: division is exact and by zero gives
"unknown", and an unknown condition is not a hit. Text is never cast to a number or a date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from fisc.kernel.rules.errors import ConditionError
from fisc.kernel.rules.views import FactView, describe

MAX_LENGTH = 4_000
MAX_NODES = 600

STRUCTURE = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In,
    exp.Is, exp.Null, exp.Boolean, exp.Literal, exp.Column, exp.Identifier, exp.Placeholder, exp.Add, exp.Sub, exp.Mul,
    exp.Div, exp.Mod, exp.Neg, exp.Like, exp.ILike, exp.RegexpLike, exp.Case, exp.If, exp.Array, exp.Any, exp.Tuple,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.Cast, exp.DataType, exp.Interval, exp.Var, exp.ArrayOverlaps,
    exp.ArrayContainsAll, exp.DPipe,
)  # fmt: skip
FUNCTIONS: dict[type[exp.Expr], str] = {
    exp.Abs: "abs(数)", exp.Round: "round(数, 位数)", exp.Floor: "floor(数)", exp.Ceil: "ceil(数)",
    exp.Coalesce: "coalesce(值, 缺省)", exp.Nullif: "nullif(值, 值)", exp.Greatest: "greatest(…)",
    exp.Least: "least(…)", exp.Length: "length(文字)", exp.Lower: "lower(文字)", exp.Upper: "upper(文字)",
    exp.Trim: "trim(文字)", exp.Left: "left(文字, 字数)", exp.Right: "right(文字, 字数)",
    exp.Substring: "substring(文字, 起, 字数)", exp.StrPosition: "strpos(文字, 文字)",
    exp.StartsWith: "starts_with(文字, 文字)", exp.Concat: "concat(…)", exp.Extract: "extract(month from 日期)",
    exp.TimestampTrunc: "date_trunc('month', 日期)", exp.Sign: "sign(数)", exp.ArraySize: "array_length(列表, 1)",
}  # fmt: skip
OWN_FUNCTIONS: dict[str, tuple[str, int, str]] = {
    "contains_any": ("rules_contains_any", 2, "contains_any(文字, :词表)"),
    "count_in": ("rules_count_in", 2, "count_in(文字, :词表)"),
}
TYPES = {"DATE", "TEXT", "VARCHAR", "INT", "BIGINT", "DECIMAL", "BOOLEAN"}
UNITS = {"YEAR", "MONTH", "DAY", "HOUR", "QUARTER", "WEEK", "DOW", "ISODOW", "DOY", "DAYS", "MONTHS", "YEARS"}
FORBIDDEN = {
    exp.Subquery: "子查询", exp.Select: "查询", exp.Window: "窗口函数", exp.AggFunc: "汇总函数（请用视图里已汇总的列）",
    exp.Star: "星号", exp.Parameter: "$ 或 @ 参数（参数写作 :名称）", exp.Block: "多条语句", exp.ByteString: "转义文字",
    exp.Command: "命令", exp.Collate: "COLLATE", exp.SimilarTo: "SIMILAR TO（请用 ~）",
}  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """A checked condition: its tree, and which columns and parameters it uses."""

    text: str
    view: str
    tree: exp.Expr
    columns: frozenset[str]
    parameters: frozenset[str]

    def sql(self, values: Mapping[str, Any], *, alias: str = "f") -> str:
        """The condition as SQL over the view under that alias, with the parameters' values written in.

        :raises ConditionError: a parameter has no value.
        """
        return _write(
            self, tuple(sorted((key, _freeze(values, key, self.text)) for key in self.parameters)), alias
        )

    def patterns(self, values: Mapping[str, Any]) -> list[str]:
        """The regular expressions of the condition."""
        found = [node.expression.unnest() for node in self.tree.find_all(exp.RegexpLike)]
        return [str(values[node.this] if isinstance(node, exp.Placeholder) else node.this) for node in found]


def compile_condition(text: str, view: str) -> Compiled:
    """This will check a condition over a view. :raises ConditionError: with the sentence and the place."""
    return _compile(text.strip(), describe(view))


@lru_cache(maxsize=2_000)
def _compile(text: str, view: FactView) -> Compiled:
    if not text:
        raise ConditionError("条件是空的。")
    if len(text) > MAX_LENGTH:
        raise ConditionError(f"条件过长，最多 {MAX_LENGTH} 个字。")
    tree = _parse(text)
    nodes = list(tree.walk())
    if len(nodes) > MAX_NODES:
        raise ConditionError("条件过于复杂，请拆成几条规则。")
    for node in nodes:
        _check(node, text, view)
    _check_is_condition(tree, text, view)
    columns = frozenset(column.name for column in tree.find_all(exp.Column))
    parameters = frozenset(str(holder.this) for holder in tree.find_all(exp.Placeholder))
    return Compiled(text=text, view=view.name, tree=tree, columns=columns, parameters=parameters)


def _parse(text: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(text, read="postgres") if tree is not None]
    except ParseError as error:
        raise _syntax_error(error, text) from error
    except SqlglotError as error:
        raise ConditionError("这段文字读不懂，请检查引号是否成对。", text=text) from error
    if len(trees) != 1:
        raise ConditionError("条件只能是一个表达式，不能有分号。", text=text)
    return trees[0]


def _syntax_error(error: ParseError, text: str) -> ConditionError:
    first = error.errors[0] if error.errors else {}
    highlight = first.get("highlight") or ""
    start = len(first.get("start_context") or "") if highlight else None
    if start is not None and text[start : start + len(highlight)] != highlight:
        start = text.find(highlight) if highlight in text else None
    end = start + len(highlight) if start is not None else None
    return ConditionError("此处写法不完整或有误。", text=text, start=start, end=end)


def _check(node: exp.Expr, text: str, view: FactView) -> None:
    if isinstance(node, exp.Column):
        _check_column(node, text, view)
    elif isinstance(node, exp.Anonymous):
        _check_own_function(node, text)
    elif isinstance(node, exp.Cast):
        _check_cast(node, text, view)
    elif isinstance(node, exp.Var):
        _check_word(node, text)
    elif isinstance(node, exp.Placeholder):
        _check_placeholder(node, text)
    elif isinstance(node, exp.RegexpLike):
        _check_pattern(node, text)
    elif not isinstance(node, STRUCTURE) and type(node) not in FUNCTIONS:
        raise ConditionError(_why_not(node), text=text, **_place(node, text))


def _why_not(node: exp.Expr) -> str:
    for kind, word in FORBIDDEN.items():
        if isinstance(node, kind):
            return f"条件里不能用{word}。"
    if isinstance(node, exp.Func):
        return f"条件里不能用函数 {node.sql_name().lower()}（可用的函数见说明）。"
    return f"条件里不能用 {node.sql('postgres')[:40]} 这种写法。"


def allowed_functions() -> list[str]:
    """The functions a condition may use, as shown to the user."""
    return [*FUNCTIONS.values(), *(shown for _, _, shown in OWN_FUNCTIONS.values())]


def _check_column(node: exp.Column, text: str, view: FactView) -> None:
    if node.args.get("table") is not None:
        raise ConditionError("列名前不要写表名。", text=text, **_place(node, text))
    if node.name not in view.names:
        raise ConditionError(
            f"没有“{node.name}”这一列{_nearest(node.name, view)}。", text=text, **_place(node, text)
        )


def _nearest(name: str, view: FactView) -> str:
    from difflib import get_close_matches

    by_label = [
        column.name for column in view.columns if column.label and column.label.split("（")[0] == name
    ]
    near = by_label or get_close_matches(name.lower(), sorted(view.names), n=2, cutoff=0.6)
    return f"，是否应为 {'、'.join(near)}" if near else ""


def _check_own_function(node: exp.Anonymous, text: str) -> None:
    name = str(node.this).lower()
    if name not in OWN_FUNCTIONS:
        message = f"条件里不能用函数 {name}（可用的函数见说明）。"
        raise ConditionError(message, text=text, **_place(node, text))
    if len(node.expressions) != OWN_FUNCTIONS[name][1]:
        raise ConditionError(f"写法应为 {OWN_FUNCTIONS[name][2]}。", text=text, **_place(node, text))


def _check_cast(node: exp.Cast, text: str, view: FactView) -> None:
    kind = node.to.this if isinstance(node.to, exp.DataType) else None
    target = kind.name if isinstance(kind, exp.DType) else ""
    if target not in TYPES or type(node) is not exp.Cast:
        raise ConditionError(f"不能转换为 {node.to.sql('postgres')}。", text=text, **_place(node, text))
    inner = node.this.unnest()
    if target in ("TEXT", "VARCHAR") or isinstance(inner, exp.Literal | exp.Placeholder | exp.Null):
        return
    for column in node.find_all(exp.Column):
        if column.name in view.names and view.column(column.name).type in ("text", "character varying"):
            message = "文字不能转换为数字或日期：有一行写得不对，整批都会停下。请在视图里备好这一列。"
            raise ConditionError(message, text=text, **_place(node, text))


def _check_word(node: exp.Var, text: str) -> None:
    if node.name.upper() not in UNITS:
        raise ConditionError(f"不认识“{node.name}”。", text=text, **_place(node, text))


def _check_placeholder(node: exp.Placeholder, text: str) -> None:
    name = node.this
    if not isinstance(name, str) or not name.isidentifier():
        raise ConditionError("参数写作 :名称。", text=text)


def _check_pattern(node: exp.RegexpLike, text: str) -> None:
    if not isinstance(node.expression.unnest(), exp.Literal | exp.Placeholder):
        raise ConditionError("~ 的右边须是写定的文字或参数。", text=text, **_place(node, text))
    if isinstance(node.expression, exp.Literal) and len(node.expression.this) > 500:
        raise ConditionError("~ 右边的模式过长，请改用 contains_any(列, :词表)。", text=text)


def _check_is_condition(tree: exp.Expr, text: str, view: FactView) -> None:
    """The outermost must be true or false: `amount_fen` alone or a sum is no condition."""
    top = tree.unnest()
    boolean = (
        exp.Predicate,
        exp.And,
        exp.Or,
        exp.Not,
        exp.Boolean,
        exp.Case,
        exp.Coalesce,
        exp.Anonymous,
        exp.StartsWith,
    )
    if isinstance(top, exp.Column):
        if view.column(top.name).type == "boolean":
            return
    elif isinstance(top, (*boolean, exp.RegexpLike, exp.ArrayOverlaps, exp.ArrayContainsAll)):
        return
    raise ConditionError("条件应得出“是”或“否”，例如 amount_fen > :limit_fen。", text=text)


def _place(node: exp.Expr, text: str) -> dict[str, int | None]:
    for part in node.walk():
        if "start" in part.meta:
            return {"start": part.meta["start"], "end": part.meta["end"] + 1}
    return {"start": None, "end": None}


def _freeze(values: Mapping[str, Any], key: str, text: str) -> Any:
    if key not in values:
        raise ConditionError(f"参数 :{key} 没有值。", text=text)
    value = values[key]
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=5_000)
def _write(compiled: Compiled, values: tuple[tuple[str, Any], ...], alias: str) -> str:
    by_name = dict(values)

    def rewrite(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder):
            return literal(by_name[str(node.this)])
        if isinstance(node, exp.Column):
            return exp.column(node.name, table=alias, quoted=True)
        if isinstance(node, exp.Div):
            exact = exp.cast(exp.paren(node.this), "DECIMAL")
            return exp.Div(
                this=exact,
                expression=exp.Nullif(this=exp.paren(node.expression), expression=exp.Literal.number(0)),
                typed=True,
                safe=False,
            )
        if isinstance(node, exp.Mod):
            zero_safe = exp.Nullif(this=exp.paren(node.expression), expression=exp.Literal.number(0))
            return exp.Mod(this=node.this, expression=exp.paren(zero_safe))
        if isinstance(node, exp.Anonymous):
            return exp.Anonymous(this=OWN_FUNCTIONS[str(node.this).lower()][0], expressions=node.expressions)
        return node

    return _transform_up(compiled.tree.copy(), rewrite).sql(
        "postgres", comments=False, normalize_functions=False
    )


def _transform_up(tree: exp.Expr, rewrite: Any) -> exp.Expr:
    """Children before parents, each node once (sqlglot's own transform goes down into what it has just written)."""
    for node in reversed(list(tree.walk(bfs=True))):
        new = rewrite(node)
        if new is not node:
            if node is tree:
                tree = new
            else:
                node.replace(new)
    return tree


def literal(value: Any) -> exp.Expr:
    """A parameter's value as a literal of the right type."""
    match value:
        case None:
            return exp.Null()
        case bool():
            return exp.Boolean(this=value)
        case int() | Decimal():
            number = exp.Literal.number(str(abs(value)))
            return exp.Paren(this=exp.Neg(this=number)) if value < 0 else number
        case dt.date():
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
        case tuple() | list():
            kind = "BIGINT" if value and all(isinstance(item, int) for item in value) else "TEXT"
            if value and any(isinstance(item, Decimal) for item in value):
                kind = "DECIMAL"
            array = exp.Array(expressions=[literal(item) for item in value])
            return exp.cast(array, exp.DataType.build(f"{kind}[]", dialect="postgres"))
        case _:
            return exp.Literal.string(str(value))
