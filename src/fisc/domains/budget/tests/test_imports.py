"""预算批复导入、指标批量下达导入: what a good file makes, what each bad cell says, how a batch is undone."""

import pytest
import xlsxwriter

from fisc.base.errors import Refusal
from fisc.domains.budget.models import AppropriationLine
from fisc.kernel.documents.models import Document
from fisc.kernel.exchange import known, run
from fisc.kernel.exchange.commands import import_file
from fisc.kernel.ledger.flags import Flag

pytestmark = pytest.mark.django_db
HEADS = (
    "单位编码",
    "单位",
    "项目编码",
    "项目",
    "资金性质",
    "功能科目",
    "部门经济分类",
    "政府经济分类",
    "金额",
    "三保",
    "直达",
    "债券",
    "备注",
)
GOOD = (
    "121001",
    "云屿区第一中学",
    "P1",
    "校舍维修",
    "一般公共预算",
    "2050203",
    "30213",
    "50502",
    1200.5,
    "",
    "是",
    "",
    "屋面",
)


def book(tmp_path, *rows, heads=HEADS, name="预算.xlsx"):
    path = tmp_path / name
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("批复")
        for number, row in enumerate((heads, *rows)):
            sheet.write_row(number, 0, row)
    return path


def changed(**cells):
    names = dict(
        zip(
            ("unit", "name", "project", "title", "fund", "function", "item", "government", "amount"),
            range(9),
            strict=True,
        )
    )
    row = list(GOOD)
    for key, value in cells.items():
        row[names[key]] = value
    return tuple(row)


@pytest.fixture
def house(district):
    district.project(code="P1", title="校舍维修")
    before = known.installed()
    known.install(spec for module in district.modules for spec in module.imports)
    yield district
    known.install(before)


def load(house, path, kind="budget.approved", **more):
    return import_file(
        kind, path, actor=house.people["budget_officer"], at=house.at, fiscal_year=2023, **more
    )


class TestGoodFile:
    """好文件一次成一张批复单。"""

    def test_becomes_one_draft_with_its_lines(self, house, tmp_path):
        report = load(
            house, book(tmp_path, GOOD, changed(item="30201", amount=99.5)), control_total="1300.00",
            params={"reference": "区财预〔2023〕1号", "origin": "initial"},
        )  # fmt: skip

        assert report.is_good, report.refusal
        header = Document.objects.get(kind="budget.appropriation")
        assert (header.state, header.amount_fen, header.fund) == ("draft", 130_000, "general")
        line = AppropriationLine.objects.get(row_no=1)
        assert (line.government_code, line.flags, line.spending, line.note) == (
            "50502",
            Flag.DIRECT_FUNDS,
            "project",
            "屋面",
        )

    def test_a_dry_run_keeps_nothing(self, house, tmp_path):
        assert load(house, book(tmp_path, GOOD), dry_run=True).is_good

        assert not Document.objects.filter(kind="budget.appropriation").exists()

    def test_undone_while_nothing_depends_on_it(self, house, tmp_path):
        report = load(house, book(tmp_path, GOOD), params={"reference": "区财预〔2023〕1号"})
        header = Document.objects.get(kind="budget.appropriation")
        assert house.approve(header.pk).state == "approved"

        run.undo(report.batch.id, actor=_all_rights(house), at=house.at, reason="文件有误")

        assert Document.objects.get(pk=header.pk).state == "reversed"

    def test_not_undone_once_allotments_were_made(self, house, tmp_path):
        report = load(house, book(tmp_path, GOOD), params={"reference": "区财预〔2023〕1号"})
        header = Document.objects.get(kind="budget.appropriation")
        house.approve(header.pk)
        house.step(header.pk, "draft_allotments", "budget_officer")

        with pytest.raises(Refusal, match="请先收回或作废"):
            run.undo(report.batch.id, actor=_all_rights(house), at=house.at, reason="文件有误")


def _all_rights(house):
    from fisc.kernel.orgs.access import system_actor

    return system_actor()


class TestBadCells:
    """每个错都指到单元格。"""

    @pytest.mark.parametrize(
        ("cells", "sentence"),
        [
            ({"unit": "999"}, "999"),
            ({"name": "云屿区第二中学"}, "单位编码对应“云屿区第一中学”"),
            ({"project": "P9"}, "项目库中没有编码 P9"),
            ({"fund": "小金库"}, "小金库"),
            ({"function": "205"}, "末级"),
            ({"function": "2059998"}, "2059998"),
            ({"item": "30200"}, "30200"),
            ({"government": "50201"}, "对应政府经济分类 50502"),
            ({"amount": "壹佰"}, "壹佰"),
            ({"amount": -5}, "负"),
            ({"amount": ""}, "金额"),
        ],
    )
    def test_is_named(self, house, tmp_path, cells, sentence):
        report = load(
            house,
            book(tmp_path, GOOD, changed(item="30201", **cells) if "item" not in cells else changed(**cells)),
        )

        assert not report.is_good
        assert any(sentence in problem.message for problem in report.problems), [
            p.message for p in report.problems
        ]
        assert not Document.objects.filter(kind="budget.appropriation").exists()

    def test_a_total_that_disagrees(self, house, tmp_path):
        report = load(house, book(tmp_path, GOOD), control_total="1200.51")

        assert not report.is_good

    def test_a_row_twice(self, house, tmp_path):
        assert not load(house, book(tmp_path, GOOD, GOOD)).is_good


class TestAllotments:
    """指标批量下达导入。"""

    def test_many_at_once(self, house, tmp_path):
        approved = load(house, book(tmp_path, GOOD), params={"reference": "区财预〔2023〕1号"})
        assert approved.is_good
        house.approve(Document.objects.get(kind="budget.appropriation").pk)

        path = book(tmp_path, ("区财教〔2023〕31号", *GOOD), heads=("文号", *HEADS), name="指标.xlsx")
        report = load(house, path, kind="budget.allotments")

        assert report.is_good, report.refusal
        header = Document.objects.get(kind="budget.allotment")
        assert header.title == "区财教〔2023〕31号 校舍维修"
        assert house.approve(header.pk).state == "released"
        assert not load(house, path, kind="budget.allotments", confirm_seen=True).is_good
