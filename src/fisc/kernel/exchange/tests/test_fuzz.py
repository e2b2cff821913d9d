"""乱来的文件：要么读成数据，要么给一句拒绝的话；从不崩溃。"""

import datetime as dt
import io
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fisc.base.errors import FiscError
from fisc.kernel.exchange import files, run, upload, workbook
from fisc.kernel.exchange.cells import Setting, convert, is_empty, plain, shown
from fisc.kernel.exchange.tests.conftest import AT, HEADS, SPEC, good, table
from fisc.kernel.exchange.tests.conftest import workbook as made

GOOD_FILE = table(*(good(number=str(number)) for number in range(5)))
QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CELL = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.sampled_from(
        [
            "1.2万",
            "１２",
            "合计",
            "=1+1",
            "#REF!",
            "2050203.0",
            "2023年13月1日",
            "\ud800".encode("utf-8", "replace").decode(),
        ]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**15), 10**15),
    st.booleans(),
)
CONVERTED = [column for column in SPEC.columns if column.kind not in ("code", "unit")]


def read(content: bytes):
    """What a file gives: a book, or a refusal."""
    try:
        return workbook.read(files.open_file(content=content, filename="乱.xlsx"))
    except FiscError as error:
        assert error.message and "{" not in error.message
        return None


class TestBytes:
    """任意字节。"""

    @QUICK
    @given(st.binary(max_size=3000))
    def test_random_bytes(self, content):
        read(content)

    @QUICK
    @given(st.binary(max_size=600))
    def test_random_bytes_behind_known_signatures(self, content):
        for signature in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xef\xbb\xbf"):
            read(signature + content)

    @QUICK
    @given(st.data())
    def test_good_file_with_bytes_turned(self, data):
        content = bytearray(GOOD_FILE)
        for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
            content[place] = data.draw(st.integers(0, 255))
        read(bytes(content))

    @QUICK
    @given(st.data())
    def test_good_parts_with_bytes_turned(self, data):
        """The archive is sound, what is in it is not: the XML readers are met."""
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(GOOD_FILE)) as source, zipfile.ZipFile(out, "w") as target:
            names = source.namelist()
            victim = data.draw(st.sampled_from([name for name in names if name.endswith((".xml", ".rels"))]))
            for name in names:
                part = bytearray(source.read(name))
                if name == victim:
                    for place in data.draw(st.lists(st.integers(0, len(part) - 1), min_size=1, max_size=12)):
                        part[place] = data.draw(st.integers(0, 255))
                target.writestr(name, bytes(part))
        read(out.getvalue())

    def test_old_format_with_bytes_turned(self):
        xlwt = pytest.importorskip("xlwt")
        book = xlwt.Workbook()
        page = book.add_sheet("表")
        for number in range(30):
            for place, cell in enumerate(good(number=str(number))):
                page.write(number, place, cell)
        out = io.BytesIO()
        book.save(out)

        @settings(max_examples=80, deadline=None)
        @given(st.data())
        def turned(data):
            content = bytearray(out.getvalue())
            for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
                content[place] = data.draw(st.integers(0, 255))
            read(bytes(content))

        turned()


class TestCells:
    """任意单元格。"""

    @settings(max_examples=300, deadline=None)
    @given(st.one_of(CELL, st.dates().map(lambda day: {"d": day.isoformat()}), st.datetimes().map(plain)))
    @example("１" * 400)
    @example("1e400")
    @example("00000000")
    @example(1e308)
    def test_any_cell_is_read_or_refused(self, raw):
        for column in CONVERTED:
            parsed = convert(column, raw, Setting(fiscal_year=2023))
            if parsed.is_good and not is_empty(raw) and parsed.value is not None:
                kinds = {"amount": int, "date": dt.date, "text": str}
                assert isinstance(parsed.value, kinds[column.kind])
            elif not parsed.is_good:
                assert parsed.fault is not None and parsed.fault.message

    @settings(max_examples=200, deadline=None)
    @given(st.one_of(st.integers(-(10**13), 10**13), st.floats(-1e9, 1e9)))
    def test_an_amount_is_what_excel_shows(self, number):
        column = next(column for column in SPEC.columns if column.kind == "amount")

        parsed = convert(column, plain(number), Setting(fiscal_year=2023))

        if parsed.is_good and parsed.value is not None:
            assert abs(parsed.value / 100 - number) <= max(1e-9, abs(number) * 1e-14)
        elif parsed.fault is not None and parsed.fault.code == "too_many_decimals":
            assert abs(float(parsed.fault.suggestion) - number) <= 0.005 + abs(number) * 1e-14

    @given(st.one_of(CELL))
    def test_shown_text_never_fails(self, raw):
        assert isinstance(shown(raw), str)


@pytest.mark.django_db
class TestWholeImport:
    """任意表格走到写入。"""

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(rows=st.lists(st.lists(CELL, min_size=1, max_size=8), max_size=12))
    def test_any_table_ends_in_sentences(self, ready, rows):
        def fill(book):
            page = book.add_worksheet("表")
            for number, row in enumerate([HEADS, *rows]):
                for place, cell in enumerate(row):
                    if cell is not None:
                        page.write(
                            number, place, cell if not isinstance(cell, str) else cell.replace("\x00", "")
                        )

        self._through(ready, made(fill), "乱.xlsx")

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(text=st.text(max_size=300))
    def test_any_text_as_csv(self, ready, text):
        self._through(ready, (",".join(HEADS) + "\n" + text).encode("utf-8", "replace"), "乱.csv")

    def _through(self, ready, content, filename):
        try:
            batch = upload.start(spec="test.loose", content=content, filename=filename, actor=ready, at=AT)
            batch = run.validate(batch.pk, actor=ready, at=AT)
            run.commit(batch.pk, actor=ready, at=AT, only_good=True, confirm_seen=True)
        except FiscError as error:
            assert error.message
