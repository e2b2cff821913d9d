"""从上传到写入、撤销：一份好文件走完全程。"""

from dataclasses import replace

import pytest

from fisc.base.errors import BadInput, NotAllowed, NotFound, Refusal
from fisc.kernel.exchange import browse, commands, known, mend, run, upload
from fisc.kernel.exchange.errors import CannotUndo, HasErrors, MissingColumns, SeenBefore, WrongState
from fisc.kernel.exchange.models import Batch, Problem, StagedRow
from fisc.kernel.exchange.tests.conftest import AT, LOOSE, SPEC, good, lines, table
from fisc.kernel.orgs.actor import Actor

pytestmark = pytest.mark.django_db


def actor(*permissions, unit_ids=frozenset(), base=None):
    return Actor(
        user_id=base.user_id,
        username="x",
        name="甲",
        roles=frozenset(),
        permissions=frozenset(permissions),
        unit_ids=unit_ids,
    )


class TestTheWholeWay:
    """上传、校验、写入、撤销。"""

    def test_good_file_is_written_in_one_batch(self, ready, bring):
        batch = bring(
            table(good(), good(number="2号", amount="２，０００．５０"), ("合计", "", "", "", "", 3001))
        )

        shown = browse.view(batch.pk, actor=ready)
        assert (shown.rows, shown.good, shown.errors) == (2, 2, 0)
        assert shown.control == "agree" and shown.file_total_cell == "F4" and shown.good_amount_fen == 300_100

        written = run.commit(batch.pk, actor=ready, at=AT)

        assert [(line[1], line[5]) for line in lines()] == [("云财教〔2023〕1号", 100_050), ("2号", 200_050)]
        assert written.state == "written" and written.written_rows == 2 and written.number == "DR2023-000001"

    def test_undo_takes_the_batch_back(self, ready, bring):
        batch = run.commit(bring(table(good())).pk, actor=ready, at=AT)

        run.undo(batch.pk, actor=ready, at=AT, reason="传错了文件")

        assert lines() == []
        assert browse.view(batch.pk, actor=ready).undo_reason == "传错了文件"

    def test_undo_is_refused_while_something_depends_on_it(self, ready, bring):
        batch = run.commit(bring(table(good(number="已支付"))).pk, actor=ready, at=AT)

        with pytest.raises(Refusal, match="已经有支付"):
            run.undo(batch.pk, actor=ready, at=AT, reason="传错了")

        assert len(lines()) == 1
        assert Batch.objects.get(pk=batch.pk).state == "written"

    def test_undo_needs_a_reason_and_a_way_back(self, ready, bring):
        batch = run.commit(bring(table(good())).pk, actor=ready, at=AT)
        with pytest.raises(BadInput, match="原因"):
            run.undo(batch.pk, actor=ready, at=AT, reason=" ")

        with known.also(replace(SPEC, undo=None)), pytest.raises(CannotUndo, match="不能撤销"):
            run.undo(batch.pk, actor=ready, at=AT, reason="x")

    def test_twice_written_is_refused(self, ready, bring):
        batch = run.commit(bring(table(good())).pk, actor=ready, at=AT)

        with pytest.raises(WrongState, match="本批已导入，不能写入"):
            run.commit(batch.pk, actor=ready, at=AT)

    def test_refusal_of_the_module_leaves_nothing(self, ready, bring):
        batch = bring(table(good(), good(number="拒绝")))

        with pytest.raises(Refusal, match="指标已冻结"):
            run.commit(batch.pk, actor=ready, at=AT)

        assert lines() == []
        assert Batch.objects.get(pk=batch.pk).state == "checked"

    def test_dry_run_leaves_nothing(self, ready, bring):
        batch = bring(table(good()))

        would = run.dry_run(batch.pk, actor=ready, at=AT)

        assert would.written_rows == 1 and would.message == "已导入 1 条。"
        assert lines() == [] and Batch.objects.get(pk=batch.pk).state == "checked"

    def test_only_good_rows_where_the_import_allows_it(self, ready, bring):
        content = table(good(), good(number="2", amount="abc"))
        strict, loose = bring(content), bring(content, spec="test.loose")

        with pytest.raises(HasErrors, match=r"第 3 行 F 列“金额”：金额“abc”不是数字"):
            run.commit(strict.pk, actor=ready, at=AT, only_good=True)
        assert lines() == []
        with pytest.raises(HasErrors):
            run.commit(loose.pk, actor=ready, at=AT)
        written = run.commit(loose.pk, actor=ready, at=AT, only_good=True)

        assert written.written_rows == 1 and len(lines()) == 1

    def test_numbers_have_no_gaps(self, ready, bring):
        first, second = bring(table(good())), bring(table(good(number="2")))

        assert (first.number, second.number) == ("DR2023-000001", "DR2023-000002")


class TestColumns:
    """核对列。"""

    def test_aliases_any_order_spaces_and_units_in_heads(self, ready, bring):
        heads = ("备 注", "* 金 额（元）", "文号", "单位\n名称", "经济分类", "支出功能分类")
        batch = bring(table(("x", 5, "1号", "区教育局", "30201", "2050203"), heads=heads))

        assert batch.mapping == {"unit": 3, "number": 2, "function": 5, "economic": 4, "amount": 1}
        assert batch.summary["good"] == 1

    def test_missing_columns_are_named_with_what_may_be_them(self, ready, bring):
        content = table(("区教育局", "1", 5), heads=("预算单位", "指标文号", "功能分类科目"))

        with pytest.raises(
            MissingColumns, match="缺少必需的列：功能科目（C 列“功能分类科目”像是它）、经济分类、金额"
        ):
            bring(content)

    def test_matched_by_hand_and_remembered(self, ready):
        heads = ("预算单位", "指标文号", "资金性质", "功能科目", "经济分类", "批复数", "下达日期")
        content = table(good(), heads=heads)
        first = upload.start(spec="test.line", content=content, filename="a.xlsx", actor=ready, at=AT)
        assert "amount" not in first.mapping

        upload.match(first.pk, mapping={"amount": 5}, actor=ready)

        assert run.validate(first.pk, actor=ready, at=AT).summary["good"] == 1
        second = upload.start(spec="test.line", content=content, filename="b.xlsx", actor=ready, at=AT)
        assert second.mapping["amount"] == 5 and second.matched_by["amount"] == "remembered"

    def test_one_column_twice_is_refused(self, ready, bring):
        batch = bring(table(good()))

        with pytest.raises(BadInput, match="B 列被对应了两次"):
            upload.match(batch.pk, mapping={"unit": 1}, actor=ready)

    def test_two_row_heads(self, ready):
        from fisc.kernel.exchange.tests.conftest import workbook

        def fill(book):
            page = book.add_worksheet("表")
            page.merge_range(0, 0, 0, 5, "2023年指标表")
            for place, head in enumerate(("单位", "文号")):
                page.merge_range(1, place, 2, place, head)
            page.merge_range(1, 2, 1, 3, "科目")
            page.write_row(2, 2, ("功能科目", "经济分类"))
            page.merge_range(1, 4, 1, 5, "2023年")
            page.write_row(2, 4, ("金额", "比重"))
            page.write_row(3, 0, (1, 2, 3, 4, 5, 6))
            page.write_row(4, 0, ("区教育局", "1号", 2050203, 30201, 12.5, "x"))

        batch = upload.start(spec="test.line", content=workbook(fill), filename="a.xlsx", actor=ready, at=AT)
        batch = run.validate(batch.pk, actor=ready, at=AT)

        assert (batch.head_row, batch.head_rows, batch.row_count) == (2, 2, 1)
        assert batch.summary["good"] == 1

    def test_amounts_in_ten_thousands_are_converted_and_told(self, ready, bring, told):
        batch = bring(table(good(amount=1.5), ("合计", "", "", "", "", 1.5), heads=(*HEADS_WAN,)))

        assert batch.summary["good_amount_fen"] == 1_500_000 and batch.summary["control"] == "agree"
        assert told(batch, "warn") == [
            "表里写明金额单位是万元，已逐行换算成元（乘 10,000）。请核对换算后的合计。"
        ]
        above = bring(
            table(
                good(amount="2"), above=[["指标表"], ["", "", "", "", "", "单位：万元"]], heads=HEADS_NO_UNIT
            )
        )
        assert above.summary["good_amount_fen"] == 2_000_000

    def test_another_sheet_may_be_chosen(self, ready, bring):
        from fisc.kernel.exchange.tests.conftest import HEADS, workbook

        def fill(book):
            for name, amount in (("一", 1), ("二", 2)):
                page = book.add_worksheet(name)
                page.write_row(0, 0, HEADS)
                page.write_row(1, 0, good(amount=amount))

        batch = bring(workbook(fill))
        assert batch.sheet == "一"

        upload.choose_sheet(batch.pk, sheet="二", actor=ready, at=AT)

        assert run.validate(batch.pk, actor=ready, at=AT).summary["good_amount_fen"] == 200
        with pytest.raises(BadInput, match="没有可见的工作表“三”"):
            upload.choose_sheet(batch.pk, sheet="三", actor=ready, at=AT)


HEADS_WAN = ("预算单位", "指标文号", "资金性质", "功能科目", "经济分类", "金额（万元）", "下达日期")
HEADS_NO_UNIT = ("预算单位", "指标文号", "资金性质", "功能科目", "经济分类", "金额", "下达日期")


class TestSuggestions:
    """采用建议。"""

    def test_one_click_mends_one_cell(self, ready, bring, told):
        batch = bring(table(good(amount="1.2万"), good(number="2", unit="区教育")))
        assert told(batch) == [
            "工作表“指标”第 2 行 F 列“金额”：金额须为数字（元），不能写“1.2万”。改为 12,000.00？",
            "工作表“指标”第 3 行 A 列“预算单位”：找不到预算单位“区教育”。相近：区教育局。",
        ]

        mend.adopt(batch.pk, number=2, key="amount", actor=ready, at=AT)
        batch = run.validate(batch.pk, actor=ready, at=AT)

        assert batch.summary["errors"] == 1
        assert batch.summary["amount_fen"] == 1_200_000 + 100_050

    def test_all_at_once(self, ready, bring):
        batch = bring(table(good(amount="1.2万"), good(number="2", unit="区教育")))

        mend.adopt_all(batch.pk, actor=ready, at=AT)

        assert run.validate(batch.pk, actor=ready, at=AT).summary["errors"] == 0
        rows = browse.rows(batch.pk, actor=ready, which="all").rows
        assert [[cell.key for cell in row.cells if cell.mended] for row in rows] == [["amount"], ["unit"]]
        assert StagedRow.objects.get(batch=batch, number=2).before == {"5": "1.2万"}

    def test_a_cell_typed_on_the_page(self, ready, bring):
        batch = bring(table(good(amount="abc")))

        mend.set_cell(batch.pk, number=2, key="amount", text="7", actor=ready, at=AT)

        assert run.validate(batch.pk, actor=ready, at=AT).summary["good_amount_fen"] == 700

    def test_nothing_to_adopt(self, ready, bring):
        batch = bring(table(good(amount="abc")))

        with pytest.raises(NotFound, match="没有可采用的建议"):
            mend.adopt(batch.pk, number=2, key="amount", actor=ready, at=AT)


class TestRights:
    """权限和可见范围。"""

    def test_no_permission_no_import(self, ready):
        with pytest.raises(NotAllowed, match="没有导入“预算指标”的权限"):
            upload.start(
                spec="test.line",
                content=table(good()),
                filename="a.xlsx",
                actor=actor("other.*", base=ready),
                at=AT,
            )

    def test_batches_of_others_are_not_found(self, ready, bring):
        batch = bring(table(good()))
        stranger = replace(actor("test.*", base=ready), user_id=0)

        with pytest.raises(NotFound):
            browse.view(batch.pk, actor=stranger)
        assert browse.batches(actor=stranger) == ([], 0)
        assert browse.batches(actor=ready)[1] == 1
        assert browse.view(batch.pk, actor=actor("test.line.import", base=ready)).id == batch.pk

    def test_units_outside_ones_view_are_refused(self, ready, told):
        limited = actor("test.line.import", base=ready)
        batch = upload.start(spec="test.line", content=table(good()), filename="a.xlsx", actor=limited, at=AT)
        batch = run.validate(batch.pk, actor=limited, at=AT)

        assert told(batch)[0].endswith("“区教育局”不在您的数据范围内，不能为它导入。")


class TestOneCall:
    """命令行一次导入。"""

    def test_file_from_disk(self, ready, tmp_path):
        path = tmp_path / "指标.xlsx"
        path.write_bytes(table(good()))
        seen = []

        report = commands.import_file(
            "test.line",
            path,
            control_total="1000.50",
            fiscal_year=2023,
            at=AT,
            progress=lambda *step: seen.append(step[0]),
        )

        assert report.is_good and report.batch.written_rows == 1 and report.batch.control == "agree"
        assert {"读取", "校验", "写入"} <= set(seen)

    def test_bad_file_gives_sentences_and_writes_nothing(self, ready, tmp_path):
        path = tmp_path / "指标.xlsx"
        path.write_bytes(table(good(), good(function="205")))

        report = commands.import_file("test.line", path, fiscal_year=2023, at=AT)

        assert not report.is_good and report.batch.state == "cancelled"
        assert "205 教育支出 不是末级科目" in report.problems[0].sentence
        assert lines() == []

    def test_dry_run(self, ready, tmp_path):
        path = tmp_path / "指标.xlsx"
        path.write_bytes(table(good()))

        report = commands.import_file("test.line", path, dry_run=True, fiscal_year=2023, at=AT)

        assert report.is_good and report.dry_run and lines() == []
        assert not Problem.objects.filter(severity="error").exists()

    def test_wrong_total_typed(self, ready, tmp_path):
        path = tmp_path / "指标.xlsx"
        path.write_bytes(table(good()))

        report = commands.import_file("test.line", path, control_total="1000.51", fiscal_year=2023, at=AT)

        assert (
            "填写的控制总额 1,000.51 与逐行相加的 1,000.50 不一致，相差 −0.01 元"
            in report.problems[0].message
        )
        assert lines() == []

    def test_the_same_file_again(self, ready, tmp_path):
        path = tmp_path / "指标.xlsx"
        path.write_bytes(table(good()))
        commands.import_file("test.line", path, fiscal_year=2023, at=AT)

        with pytest.raises(SeenBefore, match="批次号 DR2023-000001"):
            commands.import_file("test.line", path, fiscal_year=2023, at=AT)
        again = commands.import_file("test.line", path, fiscal_year=2023, at=AT, confirm_seen=True)

        assert "系统里已有" in again.problems[0].message and len(lines()) == 1


def test_loose_takes_computed_values(ready, bring):
    """允许公式的导入读取算好的值。"""
    from fisc.kernel.exchange.tests.conftest import HEADS, workbook

    def fill(book):
        page = book.add_worksheet("表")
        page.write_row(0, 0, HEADS)
        page.write_row(1, 0, good()[:5])
        page.write_formula(1, 5, "=1+2", None, 3)

    batch = bring(workbook(fill), spec=LOOSE.code)

    assert batch.summary["good_amount_fen"] == 300
