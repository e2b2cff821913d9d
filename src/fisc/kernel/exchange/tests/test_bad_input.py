"""坏文件：每一种都用真文件试，每一种都得到一句说得清的话，什么也不会导入一半。"""

import io
import re
import struct
import warnings
import zipfile
import zlib
from datetime import date

import openpyxl
import pytest

from fisc.kernel.exchange import browse, run
from fisc.kernel.exchange.errors import (
    Bomb,
    Broken,
    EmptyFile,
    Encrypted,
    HasErrors,
    Macros,
    MissingColumns,
    NoHead,
    NoSheet,
    Sprawling,
    TooLarge,
    TooManyRows,
    UnknownEncoding,
    WrongType,
)
from fisc.kernel.exchange.models import Batch
from fisc.kernel.exchange.tests.conftest import AT, HEADS, KEYS, good, lines, table, workbook
from fisc.kernel.ledger import periods

pytestmark = pytest.mark.django_db


def changed(content: bytes, change, *, drop=(), add=None) -> bytes:
    """The same archive with parts changed by change(name, data)."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name not in drop:
                target.writestr(name, change(name, source.read(name)))
        for name, data in (add or {}).items():
            target.writestr(name, data)
    return out.getvalue()


def same(name, data):
    return data


def in_sheet(old: bytes, new: bytes):
    return lambda name, data: data.replace(old, new) if name.endswith("sheet1.xml") else data


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


class TestTheFileItself:
    """文件类型看内容，不看扩展名。"""

    @pytest.mark.parametrize(
        ("content", "filename", "error", "says"),
        [
            (b"%PDF-1.7\n...", "a.xlsx", WrongType, "是PDF 文件，不能导入"),
            (b"\x89PNG\r\n\x1a\n0000", "a.xlsx", WrongType, "是图片"),
            (b"<html><table><tr><td>1</td></tr></table></html>", "a.xls", WrongType, "网页或 XML 格式"),
            (
                zipped(**{"word__document.xml": b"x", "[Content_Types].xml": b"x"}),
                "a.xlsx",
                WrongType,
                "是Word 文档",
            ),
            (zipped(**{"xl__workbook.bin": b"x"}), "a.xlsx", WrongType, "xlsb"),
            (zipped(**{"a.txt": b"x"}), "a.xlsx", WrongType, "是压缩包"),
            (b"\x7fELF\x01\x01", "a.csv", WrongType, "是程序文件"),
            (bytes(range(256)) * 20, "a.csv", WrongType, "二进制文件"),
            (b"", "a.xlsx", EmptyFile, "是空文件"),
            (b" \r\n\r\n", "a.csv", EmptyFile, "是空文件"),
            (table(good())[:900], "a.xlsx", Broken, "已损坏，打不开"),
            (b"PK\x03\x04" + b"\x00" * 200, "a.xlsx", Broken, "已损坏"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x07" * 600, "a.xls", Broken, "已损坏"),
            (
                "单位,金额\n教育局,1".encode("gb18030") + b"\xff\xff\xff",
                "a.csv",
                UnknownEncoding,
                "文字编码认不出",
            ),
        ],
    )
    def test_wrong_or_broken(self, bring, content, filename, error, says):
        with pytest.raises(error, match=says):
            bring(content, filename)
        assert not Batch.objects.exists()

    def test_damaged_inside(self, bring):
        content = bytearray(table(*(good(number=str(n)) for n in range(50))))
        at = bytes(content).index(b"xl/worksheets/sheet1.xml") + 200
        content[at : at + 20] = b"\x00" * 20

        with pytest.raises(Broken, match="压缩数据校验不符"):
            bring(bytes(content))

    def test_nonsense_instead_of_xml(self, bring):
        with pytest.raises((Broken, NoSheet)):
            bring(
                changed(table(good()), lambda name, data: b"\x00nonsense" if "workbook.xml" in name else data)
            )

    def test_macros_by_content_whatever_the_name(self, bring):
        content = changed(table(good()), same, add={"xl/vbaProject.bin": b"\xd0\xcf"})

        with pytest.raises(Macros, match="带有宏"):
            bring(content, "看起来正常.xlsx")

    def test_macro_type_without_the_program(self, bring):
        macro = lambda name, data: data.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")  # noqa: E731

        with pytest.raises(Macros):
            bring(changed(table(good()), macro))

    def test_zip_bomb(self, bring):
        content = changed(table(good()), same, add={"xl/media/a.bin": b"\x00" * (410 * 2**20)})
        assert len(content) < 2**20

        with pytest.raises(Bomb, match="解压后异常庞大（超过 400 MB）"):
            bring(content)

    def test_zip_bomb_that_lies_about_its_size(self, bring):
        """目录里写 10 个字节，实际解出几百兆：读到的只会是核过数的那部分。"""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(b"<x>" * (60 * 2**20)) + packer.flush()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "0123456789")
        small = out.getvalue()
        crc = struct.pack("<I", zlib.crc32(b"<x><x><x><"))
        name = b"xl/workbook.xml"
        sizes = crc + struct.pack("<II", len(packed), 10)
        local = b"PK\x03\x04" + small[4:14] + sizes + struct.pack("<HH", len(name), 0) + name + packed
        central = small[small.index(b"PK\x01\x02") :]
        entry = central[:16] + sizes + central[28 : 46 + len(name)]
        end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)

        with pytest.raises((Broken, NoSheet)):
            bring(local + entry + end)

    def test_one_far_cell_is_no_table_of_billions(self, bring):
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'

        with pytest.raises(Sprawling, match="一直排到 XFD1048576"):
            bring(changed(table(good()), in_sheet(b"</sheetData>", far)))

    def test_cells_without_a_place_do_not_hide_it(self, bring):
        row = b'<row r="1048576">' + b"<c><v>1</v></c>" * 100 + b"</row></sheetData>"

        with pytest.raises(Sprawling, match="一直排到 CV1048576"):
            bring(changed(table(good()), in_sheet(b"</sheetData>", row)))

    def test_cells_without_a_place_are_read(self, bring):
        def bare(name, data):
            return re.sub(rb'(<c) r="[A-Z]+\d+"', rb"\1", data) if name.endswith("sheet1.xml") else data

        assert bring(changed(table(good()), bare)).summary["good"] == 1

    @pytest.mark.parametrize(
        "target", [b"/xl/worksheets/sheet1.xml", b"./worksheets/../worksheets/sheet1.xml"]
    )
    def test_sheet_by_a_winding_path(self, bring, target):
        far = in_sheet(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
        content = changed(
            table(good()),
            lambda name, data: (
                far(name, data).replace(b"worksheets/sheet1.xml", target)
                if "workbook.xml.rels" in name
                else far(name, data)
            ),
        )

        with pytest.raises((Sprawling, Broken)):
            bring(content)

    def test_names_with_entities_and_chart_sheets(self, bring, told):
        def fill(book):
            page = book.add_worksheet("一&<二>'三")
            page.write_row(0, 0, HEADS)
            page.write_row(1, 0, good()[:5])
            page.write_formula(1, 5, "=1+1", None, 2)
            chart = book.add_chart({"type": "column"})
            chart.add_series({"values": "='一&<二>''三'!$F$2:$F$2"})
            book.add_chartsheet("图").set_chart(chart)

        batch = bring(workbook(fill))

        assert batch.sheet == "一&<二>'三" and "是公式" in only(told, batch)

    def test_too_many_lines(self, bring):
        with pytest.raises(TooManyRows, match="CSV"):
            bring(b"a,b\n" + b"\n" * 1_200_000, "a.csv")

    def test_formatted_but_empty_far_cells_do_no_harm(self, bring):
        far = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'

        assert bring(changed(table(good()), in_sheet(b"</sheetData>", far))).summary["good"] == 1

    def test_one_long_text_used_a_million_times(self, bring):
        strings = f"<sst><si><t>{'长' * 30_000}</t></si></sst>".encode()
        cell = b'<c r="A%d" t="s"><v>0</v></c>'
        rows = b"".join(b'<row r="%d">' % n + cell % n + b"</row>" for n in range(1, 20_000))

        def change(name, data):
            if name.endswith("sharedStrings.xml"):
                return strings
            return (
                b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
                if name.endswith("sheet1.xml")
                else data
            )

        with pytest.raises(Bomb, match="同一段长文字被重复引用"):
            bring(changed(table(good()), change))

    def test_entities_of_their_own(self, bring):
        entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'

        with pytest.raises(Bomb, match="自定义实体"):
            bring(
                changed(
                    table(good()), lambda name, data: entity + data if name.endswith("sheet1.xml") else data
                )
            )

    def test_password(self, bring, monkeypatch):
        from fisc.kernel.exchange import files

        class Locked:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                return False

            def listdir(self, **_):
                return [["EncryptionInfo"], ["EncryptedPackage"]]

        monkeypatch.setattr(files.olefile, "OleFileIO", lambda _: Locked())
        with pytest.raises(Encrypted, match="设有打开密码"):
            bring(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100)

    def test_too_large(self, bring, monkeypatch):
        from fisc.kernel.exchange import files

        monkeypatch.setattr(files, "MAX_FILE_BYTES", 1000)
        with pytest.raises(TooLarge, match="超过上限"):
            bring(table(good()))

    def test_too_many_rows(self, bring, ready):
        from dataclasses import replace

        from fisc.kernel.exchange import known
        from fisc.kernel.exchange.tests.conftest import SPEC

        with (
            known.also(replace(SPEC, max_rows=2)),
            pytest.raises(TooManyRows, match="有 3 行数据，超过上限 2 行"),
        ):
            bring(table(good(), good(number="2"), good(number="3")))

    def test_empty_sheets(self, bring):
        with pytest.raises(NoSheet, match="没有可读的工作表"):
            bring(workbook(lambda book: book.add_worksheet("空")))

    def test_only_hidden_sheets_with_data(self, bring):
        def fill(book):
            book.add_worksheet("空").activate()
            page = book.add_worksheet("藏")
            page.write_row(0, 0, HEADS)
            page.hide()

        with pytest.raises(NoSheet):
            bring(workbook(fill))

    def test_no_head(self, bring):
        with pytest.raises(NoHead, match="前 30 行里找不到表头。表头应有：预算单位、指标文号、功能科目"):
            bring(table((1, 2), (3, 4), heads=(5, 6)))

    def test_missing_columns(self, bring):
        with pytest.raises(MissingColumns, match="缺少必需的列：经济分类、金额"):
            bring(table(good()[:4], heads=HEADS[:4]))
        assert lines() == []


def only(told, batch) -> str:
    """The one error."""
    found = told(batch)
    assert len(found) == 1, found
    return found[0]


class TestCells:
    """单元格：说清哪张表、哪一行、哪一列、错在哪、怎么改。"""

    @pytest.mark.parametrize(
        ("key", "cell", "says"),
        [
            ("amount", "1.2万", "F 列“金额”：金额须为数字（元），不能写“1.2万”。改为 12,000.00？"),
            ("amount", "约5000", "F 列“金额”：金额“约5000”不是数字，请只填数字，如 1234.50。"),
            ("amount", "12,34.5", "千分位逗号位置不对"),
            ("amount", 12.345, "金额 12.345 超过两位小数，最小到分。改为 12.35？"),
            ("amount", "12.345", "超过两位小数"),
            ("amount", -180000, "金额不能为负数（−180,000.00）。"),
            ("amount", "(100.00)", "金额不能为负数（−100.00）。"),
            ("amount", 0, "金额不能为零"),
            ("amount", "", "“金额”是必填项，请填写。"),
            ("amount", "-", "“金额”是必填项，请填写。"),
            ("amount", 1e19, "过大"),
            ("amount", "9" * 30, "过大"),
            ("amount", True, "“TRUE”不是数字"),
            ("function", "205", "205 教育支出 不是末级科目，请填写其下级"),
            ("function", "2050299x", "没有编码 2050299x"),
            ("function", "2059999999", "没有编码 2059999999"),
            ("function", "幼儿教肓", "功能科目中没有“幼儿教肓”"),
            ("function", "", "“功能科目”是必填项"),
            ("economic", "30299999", "没有编码"),
            ("fund", "其他资金", "资金性质中没有“其他资金”"),
            ("unit", "区教肓局", "找不到预算单位“区教肓局”。相近：区教育局。"),
            ("unit", "不存在的什么单位", "请核对名称或改填单位编码"),
            ("unit", 1001, "像是 Excel 把编码存成数字后丢了前面的 0，应为 001001"),
            ("number", "字" * 41, "共 41 个字，最多 40 个"),
            ("on", "2023-02-30", "没有这一天：2023 年 2 月只有 28 天"),
            ("on", "五月六日", "“五月六日”不是日期，请写成 2023-06-30 的样子"),
            ("on", "1823-05-06", "年份 1823 不合理"),
            ("on", "2024-05-06", "2024年度尚未开账"),
        ],
    )
    def test_each_wrong_cell_is_told(self, bring, told, key, cell, says):
        batch = bring(table(good(number="别的"), good(**{key: cell})))

        sentence = only(told, batch)
        assert sentence.startswith("工作表“指标”第 3 行 ") and says in sentence
        assert batch.summary["good"] == 1

    @pytest.mark.parametrize(
        ("key", "cell", "value"),
        [
            ("amount", "1,234.56", 123456),
            ("amount", "￥1，234.56", 123456),
            ("amount", "１２３４．５６", 123456),
            ("amount", " 12 ", 1200),
            ("amount", 0.1 + 0.2, 30),
            ("amount", "12元", 1200),
            ("function", 2050203, "2050203"),
            ("function", "2050203.0", "2050203"),
            ("function", " 2050203 初中教育 ", "2050203"),
            ("function", "2050203-初中教育", "2050203"),
            ("function", "２０５０２０３", "2050203"),
            ("function", "初中教育", "2050203"),
            ("function", "初中教育（2050203）", "2050203"),
            ("fund", "general", "general"),
            ("fund", "", "general"),
            ("number", " 云财教〔２０２３〕１号　", "云财教〔2023〕1号"),
        ],
    )
    def test_usual_spellings_are_accepted(self, ready, bring, told, key, cell, value):
        batch = bring(table(good(**{key: cell})))
        assert told(batch) == []

        run.commit(batch.pk, actor=ready, at=AT)

        place = {"number": 1, "fund": 2, "function": 3, "amount": 5}[key]
        assert lines()[0][place] == value

    @pytest.mark.parametrize(
        "cell", ["001001", "实验小学", "001001 实验小学", "实验小学（001001）", " 实验小学 "]
    )
    def test_units_by_code_name_or_both(self, bring, told, cell):
        assert told(bring(table(good(unit=cell)))) == []

    @pytest.mark.parametrize(
        "cell", ["2023-05-06", "2023/5/6", "2023.5.6", "2023年5月6日", "20230506", 20230506, 45052, "45052"]
    )
    def test_dates_as_text_and_serial(self, bring, told, cell):
        batch = bring(table(good(on=cell)))

        assert (told(batch) == []) is (cell != "45052")
        if cell == 45052:
            assert told(batch, "note") == [
                "工作表“指标”第 2 行 G 列“下达日期”：Excel 日期序号 45052 已读作 2023-05-06。"
            ]

    def test_real_date_cells(self, bring, told):
        def fill(book):
            page = book.add_worksheet("指标")
            page.write_row(0, 0, HEADS)
            page.write_row(1, 0, good()[:6])
            page.write_datetime(1, 6, date(2023, 5, 6), book.add_format({"num_format": "yyyy-mm-dd"}))

        assert told(bring(workbook(fill))) == []

    def test_conversions_are_visible(self, bring, told):
        batch = bring(table(good(amount="１２", function="初中教育", number="Ａ1")))

        assert [sentence.split("：", 1)[1] for sentence in told(batch, "note")] == [
            "全角字符已换成半角：A1。",
            "“初中教育”已认作 2050203 初中教育。",
            "“１２”已读作 12.00 元。",
        ]

    def test_name_and_code_that_disagree(self, bring, told):
        batch = bring(table(good(function="2050203 小学教育")))

        assert told(batch) == []
        assert "编码 2050203 的名称是“初中教育”，表里写的是“小学教育”" in told(batch, "warn")[0]

    def test_code_of_another_fund(self, bring, told):
        assert "没有编码 2050203" in only(told, bring(table(good(fund="政府性基金预算"))))

    def test_closed_period(self, bring, told, ready):
        for month in range(1, 6):
            periods.close_period(fiscal_year=2023, period=202300 + month, actor_id=ready.user_id, at=AT)

        batch = bring(table(good(), good(number="2", on="2023-06-01")))

        assert only(told, batch).endswith(
            "下达日期所在的2023年5月已结账，不能再导入。请改到未结账的期间，或先由会计反结账。"
        )

    def test_period_closed_between_check_and_write(self, bring, ready):
        batch = bring(table(good()))
        for month in range(1, 6):
            periods.close_period(fiscal_year=2023, period=202300 + month, actor_id=ready.user_id, at=AT)

        with pytest.raises(HasErrors, match="2023年5月已结账"):
            run.commit(batch.pk, actor=ready, at=AT)
        assert lines() == []

    def test_formula_cells_are_named(self, bring, told):
        def fill(book):
            page = book.add_worksheet("指标")
            page.write_row(0, 0, HEADS)
            page.write_row(1, 0, good()[:5])
            page.write_formula(1, 5, "=600+600", None, 1200)

        batch = bring(workbook(fill))

        assert only(told, batch) == (
            "工作表“指标”第 2 行 F 列“金额”：是公式 =600+600，请改成数值（复制后“选择性粘贴—数值”）。"
        )

    @pytest.mark.parametrize("spec", ["test.line", "test.loose"])
    def test_formula_never_computed(self, bring, told, spec):
        book = openpyxl.Workbook()
        book.active.append(HEADS)
        book.active.append([*good()[:5], "=600+600"])
        out = io.BytesIO()
        book.save(out)

        assert "文件里没有算好的值" in only(told, bring(out.getvalue(), spec=spec))

    def test_error_values(self, bring, told):
        def fill(book):
            page = book.add_worksheet("指标")
            page.write_row(0, 0, HEADS)
            page.write_row(1, 0, good()[:5])
            page.write_formula(1, 5, "=1/0", None, "#DIV/0!")

        assert "单元格的值是错误 #DIV/0!" in only(told, bring(workbook(fill)))

    def test_merged_cells(self, ready, bring, told):
        from fisc.kernel.exchange import mend

        def fill(book):
            page = book.add_worksheet("指标")
            page.write_row(0, 0, HEADS)
            for row in (1, 2, 3):
                page.write_row(row, 0, good(number=str(row)))
            page.merge_range(1, 0, 3, 0, "区教育局")

        batch = bring(workbook(fill))
        assert told(batch) == [
            f"工作表“指标”第 {row} 行 A 列“预算单位”：在合并单元格 A2:A4 里，只有第一格有值。请取消合并并逐行填写。"
            for row in (3, 4)
        ]

        mend.adopt_all(batch.pk, code="merged", actor=ready, at=AT)

        assert run.validate(batch.pk, actor=ready, at=AT).summary["good"] == 3


class TestRowsAndTotals:
    """行与行、与库里、与合计。"""

    def test_duplicate_rows(self, bring, told, ready):
        batch = bring(table(good(), good(amount=5), good(number="2")))

        assert only(told, batch).endswith(
            "第 3 行 A 列“预算单位”：与第 2 行重复（预算单位、指标文号、功能科目都相同）。"
            "请删除其中一行，或合并成一行。"
        )
        row = browse.rows(batch.pk, actor=ready).rows[0]
        assert [cell.mark for cell in row.cells] == ["error", "error", "", "error", "", "", ""]

    def test_row_that_the_database_has(self, ready, bring, told):
        run.commit(bring(table(good())).pk, actor=ready, at=AT)

        batch = bring(table(good(amount=7)))

        assert "系统里已有（预算单位、指标文号、功能科目都相同）：指标 第" in only(told, batch)

    def test_total_that_disagrees(self, bring, told, ready):
        batch = bring(table(good(), ("合  计", "", "", "", "", 1000)))

        assert only(told, batch) == (
            "文件合计行（F3）的 1,000.00 与逐行相加的 1,000.50 不一致，相差 0.50 元。请检查是否漏行、重复或改错了数。"
        )
        with pytest.raises(HasErrors, match="没有写入任何数据。文件合计行"):
            run.commit(batch.pk, actor=ready, at=AT)

    def test_total_waits_for_unreadable_amounts(self, bring, told):
        batch = bring(table(good(amount="abc"), ("合计", "", "", "", "", 1000)))

        assert batch.summary["control"] == "unknown" and "合计" not in only(told, batch)

    def test_total_as_formula_is_fine(self, bring, told):
        def fill(book):
            page = book.add_worksheet("指标")
            page.write_row(0, 0, HEADS)
            page.write_row(1, 0, good())
            page.write(2, 0, "总计：")
            page.write_formula(2, 5, "=SUM(F2:F2)", None, 1000.5)

        batch = bring(workbook(fill))

        assert told(batch) == [] and batch.summary["control"] == "agree"

    def test_subtotals_foot_notes_and_empty_rows_are_left_out(self, bring, told):
        batch = bring(
            table(
                good(), (), ("教育小计", "", "", "", "", 1000.5), (" ", None, "　"), good(number="2"),
                ("合计", "", "", "", "", 2001), (), ("填表人：张三", "", "审核人：李四"),
            )
        )  # fmt: skip

        assert told(batch) == [] and batch.row_count == 2
        assert told(batch, "note") == [
            "第 4 行是小计行，不作为数据导入。",
            "第 9 行是表尾说明行，不作为数据导入。",
            "第 7 行是合计行，只用来核对总额，不作为数据导入。",
        ]

    def test_hidden_rows_and_sheets_are_told(self, bring, told):
        def fill(book):
            page = book.add_worksheet("指标")
            page.write_row(0, 0, HEADS)
            for row in range(1, 5):
                page.write_row(row, 0, good(number=str(row)))
            page.set_row(2, None, None, {"hidden": True})
            page.set_row(3, None, None, {"hidden": True})
            page.set_column(3, 3, None, None, {"hidden": True})
            other = book.add_worksheet("旧数据")
            other.write(0, 0, "x")
            other.hide()

        batch = bring(workbook(fill))

        assert told(batch, "warn") == [
            "第 3–4 行（共 2 行）在 Excel 里是隐藏的，也会导入。不应导入的请先删除。",
            "D 列在 Excel 里是隐藏的，也会导入。",
        ]
        assert told(batch, "note") == ["文件里有 1 张隐藏的工作表没有读取：“旧数据”。"]
        assert batch.summary["good"] == 4

    def test_title_lines_above_the_head(self, bring):
        batch = bring(table(good(), above=[["2023年预算指标表"], [], ["编制单位：区财政局"]]))

        assert batch.head_row == 4 and batch.summary["good"] == 1


class TestOtherFormats:
    """csv 与旧版 xls。"""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("comma", [",", "\t", ";"])
    def test_csv(self, bring, told, encoding, comma):
        text = "\r\n".join(
            comma.join(f'"{cell}"' for cell in row) for row in (HEADS, good(), good(number="2"))
        )

        batch = bring(text.encode(encoding), "指标.csv")

        assert told(batch) == [] and batch.summary["good"] == 2

    def test_csv_problems_name_row_and_column(self, bring, told):
        text = "\n".join(
            ",".join(map(str, row)) for row in (HEADS, good(amount="=1+2"), good(unit='="001001"'))
        )

        assert only(told, bring(text.encode(), "a.csv")).startswith(
            "第 2 行 F 列“金额”：是公式 =1+2，但文件里没有算好的值"
        )

    def test_old_xls(self, bring, told):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import xlwt
        book = xlwt.Workbook()
        page = book.add_sheet("指标")
        for number, row in enumerate((HEADS, good(), good(number="2"), good(number="3"))):
            for place, cell in enumerate(row):
                page.write(number, place, cell)
        page.write(4, 0, "区教育局")
        page.write(4, 1, "4")
        page.write(4, 3, 2050203)
        page.write(4, 4, 30201)
        page.write(4, 5, xlwt.Formula("F2*2"))
        page.row(2).hidden = True
        out = io.BytesIO()
        book.save(out)

        batch = bring(out.getvalue(), "指标.xls")

        assert only(told, batch).startswith("工作表“指标”第 5 行 F 列“金额”：是公式")
        assert told(batch, "warn") == [
            "第 3 行（共 1 行）在 Excel 里是隐藏的，也会导入。不应导入的请先删除。"
        ]
        assert batch.summary["good"] == 3


def test_every_key_is_covered():
    """表头和键一一对应。"""
    assert len(KEYS) == len(HEADS)
