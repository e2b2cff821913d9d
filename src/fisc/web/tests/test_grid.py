"""The sheet: what it shows, what a save may send, what is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import RequestFactory

from fisc.base.errors import BadInput, NotAllowed, Refusal
from fisc.web import grid
from fisc.web.grid import CellChange, CellProblem, Grid, GridColumn, GridRow

COLUMNS = (
    GridColumn("unit", "单位", editable=False, pin=True),
    GridColumn("staff", "在职", "integer", total=True, minimum=0),
    GridColumn("amount", "金额", "amount", total=True),
    GridColumn("kind", "类别", "choice", choices=(("a", "行政"), ("b", "事业"))),
    GridColumn("code", "科目", "code", code_kind="function"),
    GridColumn("note", "说明"),
)
ROWS = (
    GridRow(
        "1",
        {"unit": "一中<b>", "staff": 1200, "amount": 123_450, "kind": "a", "code": "2050203"},
        label="一中",
    ),
    GridRow(
        "2",
        {"unit": "二中", "staff": 3, "amount": None},
        locked=frozenset({"amount"}),
        notes={"staff": "上年 2"},
    ),
)


def sheet(**more: Any) -> Grid:
    facts: dict[str, Any] = {"columns": COLUMNS, "rows": ROWS, "save_url": "/save/", "version": 7}
    return Grid("基础信息", **facts | more)


def posted(*cells: tuple[str, str, str, str], version: Any = 7) -> Any:
    body = json.dumps({"version": version, "changes": [list(cell) for cell in cells]})
    return RequestFactory().post("/save/", body, content_type="application/json")


def raw(body: str) -> Any:
    return RequestFactory().post("/save/", body, content_type="application/json")


class TestShown:
    """The table reads without a script: amounts grouped in 元, names escaped, locked cells read-only."""

    def test_cells(self) -> None:
        html = str(sheet().body)

        assert '<td class="n">1,234.50</td>' in html
        assert '<td class="n">1,200</td>' in html
        assert '<td data-v="a">行政</td>' in html
        assert '<td class="pin p1" aria-readonly="true">一中&lt;b&gt;</td>' in html
        assert '<td class="n" aria-readonly="true"></td>' in html
        assert 'data-note="上年 2"' in html
        assert 'aria-label="第 1 行 一中"' in html

    def test_totals(self) -> None:
        assert [text for _, text in sheet().page_totals] == ["", "1,203", "1,234.50", "", "", ""]
        every = sheet(totals={"amount": 10_000_000}).all_totals
        assert every[2][2:] == ("10000000", "100,000.00")
        assert every[1][2:] == ("0", "0"), "a column without a total given has none yet"
        assert every[0][2:] == ("", "")

    def test_second_page_counts_on(self) -> None:
        assert 'aria-label="第 101 行 一中"' in str(sheet(first_row=101).body)

    @pytest.mark.parametrize(
        ("fen", "text"),
        [(1_000_000, "1.00"), (1_234_500, "1.2345"), (1, "0.000001"), (-50_000, "−0.05"), (0, "0.00")],
    )
    def test_ten_thousands_are_exact(self, fen: int, text: str) -> None:
        assert grid.amount_text(fen, "万元") == text


class TestTyped:
    @pytest.mark.parametrize(
        ("column", "text", "value"),
        [
            (2, "1,234.50", 123_450),
            (2, "１２３４．５", 123_450),
            (2, "1.2万", 1_200_000),
            (2, "-3", -300),
            (2, " ", None),
            (1, "1,200", 1200),
            (1, "１２", 12),
            (1, "12.00", 12),
            (1, "", None),
            (3, "行政", "a"),
            (3, "b", "b"),
            (4, "2050203 初中教育", "2050203"),
            (5, "a\nb", "a b"),
        ],
    )
    def test_good(self, column: int, text: str, value: Any) -> None:
        assert grid.parse_cell(COLUMNS[column], text) == value

    @pytest.mark.parametrize(
        ("column", "text", "sentence"),
        [
            (2, "abc", "不是数字"),
            (2, "1.234", "超过两位小数"),
            (2, "12,34", "千分位"),
            (1, "1.5", "不是整数"),
            (1, "1,2", "不是整数"),
            (1, "-1", "在职不能为负"),
            (1, "9" * 30, "过大"),
            (3, "军队", "可填：行政、事业"),
            (5, "字" * 201, "200"),
        ],
    )
    def test_bad(self, column: int, text: str, sentence: str) -> None:
        with pytest.raises(BadInput, match=sentence):
            grid.parse_cell(COLUMNS[column], text)

    def test_minimum_itself_is_good(self) -> None:
        assert grid.parse_cell(COLUMNS[1], "0") == 0


class TestChanges:
    def test_only_the_changed_cells_typed(self) -> None:
        sent = posted(("1", "amount", "2,000", "1234.50"), ("2", "staff", "", "3"))

        assert grid.changes(sent, sheet()) == (
            CellChange("1", "amount", 200_000),
            CellChange("2", "staff", None),
        )

    def test_every_bad_cell_is_named(self) -> None:
        sent = posted(
            ("1", "amount", "x", ""),
            ("1", "staff", "5", "1"),
            ("2", "amount", "1", ""),
            ("1", "unit", "y", ""),
        )

        with pytest.raises(grid.BadCells) as caught:
            grid.changes(sent, sheet())

        assert [(cell.row, cell.column) for cell in caught.value.cells] == [
            ("1", "amount"), ("2", "amount"), ("1", "unit"),
        ]  # fmt: skip
        assert "已锁定" in caught.value.cells[1].message
        assert "3 个单元格" in caught.value.message

    def test_stale_version_names_what_both_changed(self) -> None:
        sent = posted(("1", "amount", "9", "1000.00"), ("1", "staff", "5", "1,200"), version=6)

        with pytest.raises(grid.Stale) as caught:
            grid.changes(sent, sheet())

        assert caught.value.cells == (("1", "amount", "1,234.50"),)
        assert caught.value.version == 7

    def test_new_rows_only_where_they_may_be_added(self) -> None:
        sent = posted(("new:1", "staff", "5", ""))

        with pytest.raises(grid.BrokenSave):
            grid.changes(sent, sheet())
        (change,) = grid.changes(sent, sheet(may_add=True))
        assert change.is_new_row

    @pytest.mark.parametrize(
        "body",
        [
            "", "[]", "{}", '{"version": 7}', '{"version": "7", "changes": [["1","staff","1",""]]}',
            '{"version": true, "changes": [["1","staff","1",""]]}', '{"version": 7, "changes": []}',
            '{"version": 7, "changes": [["1","staff","1"]]}', '{"version": 7, "changes": [["1","staff",1,""]]}',
            '{"version": 7, "changes": [["9","staff","1",""]]}', '{"version": 7, "changes": [["1","nix","1",""]]}',
            '{"version": 7, "changes": [["1","staff","1",""],["1","staff","2",""]]}', "[" * 100_000,
        ],
    )  # fmt: skip
    def test_what_is_no_save(self, body: str) -> None:
        with pytest.raises(grid.BrokenSave):
            grid.changes(raw(body), sheet())

    def test_too_much_at_once(self) -> None:
        many = [["1", "staff", "1", ""]] * (grid.MOST_CELLS + 1)
        with pytest.raises(grid.TooLarge):
            grid.changes(raw(json.dumps({"version": 7, "changes": many})), sheet())
        with pytest.raises(grid.TooLarge):
            grid.changes(raw(" " * (grid.LARGEST_SAVE + 1)), sheet())


class TestAnswers:
    def test_saved(self) -> None:
        response = grid.answer(
            version=8,
            totals={"amount": 5},
            cells=[CellChange("1", "amount", 100)],
            keys={"new:1": "3"},
            grid=sheet(),
        )

        assert response.status_code == 200
        assert json.loads(response.content) == {
            "version": 8, "totals": {"amount": "5"}, "cells": [["1", "amount", "1.00"]], "keys": {"new:1": "3"},
            "message": "",
        }  # fmt: skip

    def test_problems(self) -> None:
        response = grid.answer([CellProblem("1", "staff", "人数不对。")])

        assert response.status_code == 422
        assert json.loads(response.content)["problems"] == [["1", "staff", "人数不对。"]]

    @pytest.mark.parametrize(
        ("error", "status", "part"),
        [
            (grid.BadCells([CellProblem("1", "staff", "错。")]), 422, "problems"),
            (grid.Stale(8, [("1", "staff", "5")]), 409, "stale"),
            (Refusal("已审定，不能修改。"), 409, "message"),
            (NotAllowed(), 403, "message"),
        ],
    )
    def test_whatever_is_raised(self, error: Exception, status: int, part: str) -> None:
        @grid.answers_json
        def view(request: Any) -> Any:
            raise error

        response = view(None)

        assert response.status_code == status
        assert json.loads(response.content)[part]
