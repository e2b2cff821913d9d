"""导入接口：上传、看问题、采用、写入、撤销。"""

import io

import openpyxl
import pytest

from fisc.kernel.exchange.tests.conftest import HEADS, good, lines, table

pytestmark = pytest.mark.django_db


def bring(caller, content, kind="test.line", **fields):
    return caller.send(f"/imports/kinds/{kind}", "指标.xlsx", content, **fields)


class TestImports:
    """从上传到撤销。"""

    def test_whole_way(self, everything):
        batch = bring(everything, table(good(amount="1.2万")), control_total="12000").json()
        assert (batch["state"], batch["errors"], batch["can_commit_all"]) == ("checked", 1, False)
        path = f"/imports/{batch['id']}"

        problem = everything("GET", f"{path}/problems?severity=error").json()["items"][0]
        assert (problem["row"], problem["column"], problem["suggestion"]) == (2, "F", "12000.00")

        mended = everything("POST", f"{path}/adopt", {"row": 2, "key": "amount"}).json()
        assert (mended["errors"], mended["control"], mended["can_commit_all"]) == (0, "agree", True)

        written = everything("POST", f"{path}/commit", {}).json()
        assert (written["state"], written["written_rows"]) == ("written", 1) and len(lines()) == 1

        undone = everything("POST", f"{path}/undo", {"reason": "传错了"}).json()
        assert undone["state"] == "undone" and lines() == []

    def test_errors_stop_the_writing(self, everything):
        batch = bring(everything, table(good(), good(number="2", unit="某某"))).json()

        answer = everything("POST", f"/imports/{batch['id']}/commit", {"only_good": True})

        assert answer.status_code == 409 and answer.json()["code"] == "exchange.has_errors"
        assert "第 3 行 A 列“预算单位”：找不到预算单位“某某”" in answer.json()["message"] and lines() == []

    def test_columns_matched_by_hand(self, everything):
        heads = (*HEADS[:5], "批复数", *HEADS[6:])
        batch = bring(everything, table(good(), heads=heads)).json()
        assert batch["state"] == "uploaded" and batch["missing"] == ["金额"]
        path = f"/imports/{batch['id']}"
        assert everything("GET", f"{path}/columns").json()[5]["samples"] == ["1000.5"]

        everything("PUT", f"{path}/columns", {"mapping": {"amount": 5}})

        assert everything("POST", f"{path}/validate", {}).json()["can_commit_all"] is True

    def test_error_rows_and_template_are_workbooks(self, everything):
        batch = bring(everything, table(good(amount="x"))).json()

        rows = openpyxl.load_workbook(
            io.BytesIO(everything("GET", f"/imports/{batch['id']}/error-rows").content)
        )
        template = openpyxl.load_workbook(
            io.BytesIO(everything("GET", "/imports/kinds/test.line/template").content)
        )

        assert rows.active["H1"].value == "问题与改法" and template.sheetnames[0] == "预算指标"

    @pytest.mark.parametrize(
        ("content", "fields", "says"),
        [
            (b"%PDF-1", {}, "是PDF 文件"),
            (table(good()), {"control_total": "一万"}, "不是数字"),
            (table(good()), {"params": "{"}, "不是合法的 JSON"),
            (table(good()), {"params": "[1]"}, "应为 JSON 对象"),
            (table(good()), {"fiscal_year": "1"}, "fiscal_year"),
        ],
    )
    def test_bad_uploads(self, everything, content, fields, says):
        answer = bring(everything, content, **fields)

        assert answer.status_code == 400 and says in answer.json()["message"]

    def test_the_same_file_again_asks(self, everything):
        content = table(good())  # a workbook says when it was made: two of them differ
        first = bring(everything, content).json()
        everything("POST", f"/imports/{first['id']}/commit", {})
        again = bring(everything, content).json()
        assert again["seen_before"] == first["number"]

        assert (
            everything("POST", f"/imports/{again['id']}/commit", {}).json()["code"] == "exchange.seen_before"
        )

    def test_batches_of_others_are_not_there(self, everything, of_school):
        batch = bring(everything, table(good())).json()

        for method, path, body in (
            ("GET", "", None), ("GET", "/problems", None), ("GET", "/columns", None), ("GET", "/error-rows", None),
            ("POST", "/commit", {}), ("POST", "/cancel", None), ("POST", "/undo", {"reason": "x"}),
            ("POST", "/validate", {}), ("POST", "/adopt", {}), ("PUT", "/columns", {"mapping": {}}),
        ):  # fmt: skip
            assert of_school(method, f"/imports/{batch['id']}{path}", body).status_code == 404, path
        assert of_school("GET", "/imports").json()["total"] == 0
        assert everything("GET", "/imports").json()["total"] == 1

    def test_kinds_by_right(self, everything, of_school):
        assert [kind["code"] for kind in of_school("GET", "/imports/kinds").json()] == [
            "test.line",
            "test.loose",
        ]
        assert bring(of_school, table(good()), kind="test.loose").status_code == 201
        assert bring(of_school, table(good()), kind="budget.approved").status_code == 403
        assert bring(everything, table(good()), kind="no.such").json()["code"] == "exchange.unknown_kind"
