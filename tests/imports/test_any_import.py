"""每一种已安装的导入：模板做得出、示例合规矩，任意内容只会得到句子，不会出错。"""

import datetime as dt
import io

import openpyxl
import pytest
import xlsxwriter
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fisc.base.errors import FiscError
from fisc.kernel import codes, exchange
from fisc.kernel.exchange import cells, known
from fisc.kernel.exchange.cells import Setting
from fisc.kernel.exchange.template_file import EXAMPLE_SHEET
from fisc.kernel.ledger import periods
from fisc.kernel.orgs import units
from fisc.kernel.orgs.access import system_actor

pytestmark = pytest.mark.django_db
AT = dt.datetime(2023, 7, 3, 1, 0, tzinfo=dt.UTC)
SPECS = known.installed()
QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def machine(db):
    actor = system_actor()
    drafts = [
        units.UnitDraft("100", "区财政局", kind="bureau"),
        units.UnitDraft("301", "区教育局", kind="department"),
    ]
    units.save_units(drafts=drafts, actor=actor, at=AT)
    for year in (2022, 2023):
        periods.open_year(year)
    return actor


def workbook(spec, rows):
    """A workbook with the spec's heads and these rows."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page = book.add_worksheet("表")
        for number, row in enumerate([[column.head for column in spec.columns], *rows]):
            for place, cell in enumerate(row):
                if cell is not None:
                    page.write(number, place, cell)
    return buffer.getvalue()


def right(column):
    """Something that is right for the column as far as the column can tell."""
    by_kind = {
        "amount": st.integers(-100 if column.negative else 1, 10**9),
        "integer": st.integers(0, 3000),
        "decimal": st.floats(0, 100).map(lambda x: round(x, 2)),
        "date": st.sampled_from(["2023-06-05", "2023/5/6", 45052, "2022-01-31"]),
        "month": st.sampled_from(["2023-06", "202305", "6月"]),
        "unit": st.sampled_from(["301", "区教育局", "区财政局"]),
        "choice": st.sampled_from([label for _, label in column.choices] or ["x"]),
        "bool": st.sampled_from(["是", "否", True]),
        "account": st.sampled_from(["6222020200112233", "1001"]),
    }
    if column.kind == "code":
        found = codes.search(
            kind=column.code_kind, text="", year=2023, fund=column.fund, leaf_only=column.leaf_only, limit=5
        )
        return st.sampled_from([code.code for code in found if code.fund in ("", "general")] or ["x"])
    words = st.text("云财教〔〕2023号第一二三甲乙丙ABC", min_size=1, max_size=12)
    return by_kind.get(column.kind, st.one_of(words, st.just(column.example or "甲")))


def tables(spec):
    """Rows that are right, some with one cell that is anything."""
    junk = st.one_of(st.none(), st.text(max_size=6), st.integers(-5, 10**6), st.booleans())
    whole = st.tuples(*(right(column) for column in spec.columns)).map(list)

    def spoilt(row, place, cell):
        return [*row[:place], cell, *row[place + 1 :]]

    one_wrong = st.builds(spoilt, whole, st.integers(0, len(spec.columns) - 1), junk)
    return st.lists(st.one_of(whole, whole, whole, one_wrong), min_size=1, max_size=4)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.code)
def test_template_and_example(machine, spec):
    """模板能打开，示例行除单位、编码、项目须真有外，格格合规矩。"""
    book = openpyxl.load_workbook(io.BytesIO(exchange.template(spec, year=2023)))

    heads = [str(cell.value).removeprefix("*") for cell in book.worksheets[0][1]]
    assert heads == [column.head for column in spec.columns]
    assert book[EXAMPLE_SHEET].max_row >= 2, "the example sheet shows a row"
    rows = spec.template_example_rows or ({column.key: column.example for column in spec.columns},)
    for row in rows:
        for column in spec.columns:
            if column.kind not in ("code", "unit") and row.get(column.key):
                parsed = cells.convert(column, row[column.key], Setting(fiscal_year=2023))
                assert parsed.is_good, (column.head, parsed.fault)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.code)
def test_any_table(machine, spec):
    params = st.fixed_dictionaries({column.key: right(column).map(str) for column in spec.params})

    @QUICK
    @given(tables(spec), params, st.booleans())
    def attempt(table, params, only_good):
        inside = transaction.savepoint()
        try:
            batch = exchange.start(
                spec=spec, content=workbook(spec, table), filename="乱.xlsx", actor=machine, at=AT, fiscal_year=2023,
                params=params,
            )  # fmt: skip
            exchange.validate(batch.pk, actor=machine, at=AT)
            exchange.commit(batch.pk, actor=machine, at=AT, only_good=only_good)
            exchange.undo(batch.pk, actor=machine, at=AT, reason="试")
        except FiscError as error:
            assert error.message and "{" not in error.message
        finally:
            transaction.savepoint_rollback(inside)

    attempt()
