"""批量支付、银行回单、国库对账单的导入。"""

import pytest

from fisc.domains.treasury.models import BatchLine, Statement
from fisc.kernel.documents.models import Document
from fisc.kernel.exchange import known
from fisc.kernel.exchange.commands import import_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(district):
    before = known.installed()
    known.install(spec for module in district.modules for spec in module.imports)
    yield district
    known.install(before)


def csv(tmp_path, *lines, name="文件.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def load(house, kind, path, who="treasury_officer", **more):
    return import_file(kind, path, actor=house.people[who], at=house.at, fiscal_year=2023, **more)


class TestBatch:
    """名册一行一个收款人。"""

    def params(self, allotment):
        return {
            "allotment": Document.objects.get(pk=allotment).number,
            "purpose": "2023年3月工资",
            "category": "salary",
        }

    def test_a_roll_becomes_one_document(self, house, tmp_path):
        allotment = house.allotment(yuan=10_000, economic_code="30102", category="personnel")
        path = csv(
            tmp_path,
            "姓名,账号,实发金额",
            "陈晓,6217000000000000001,5210.00",
            "林夕,6217000000000000002,4790.00",
        )

        report = load(
            house, "treasury.batch", path, "maker", params=self.params(allotment), control_total="10000.00"
        )

        assert report.is_good, report.refusal
        header = Document.objects.get(kind="treasury.batch")
        assert (header.amount_fen, header.counterparty) == (1_000_000, "陈晓等 2 人")
        assert BatchLine.objects.count() == 2

    def test_all_or_nothing(self, house, tmp_path):
        allotment = house.allotment(yuan=10_000, economic_code="30102", category="personnel")
        path = csv(tmp_path, "姓名,账号,实发金额", "陈晓,6217000000000000001,5210.00", "林夕,,4790.00")

        report = load(house, "treasury.batch", path, "maker", params=self.params(allotment))

        assert not report.is_good
        assert not Document.objects.filter(kind="treasury.batch").exists()


class TestCashPlans:
    """用款计划一行是一条指标一个月。"""

    def test_rows_become_plans(self, house, tmp_path):
        number = Document.objects.get(pk=house.allotment(yuan=1_000)).number
        path = csv(tmp_path, "指标单号,月份,金额", f"{number},2023-03,300.00", f"{number},2023-04,700.00")

        report = load(house, "treasury.cash_plan", path, "maker", control_total="1000.00")

        assert report.is_good, report.refusal
        found = Document.objects.filter(kind="treasury.cash_plan").order_by("id")
        assert [header.title[:7] for header in found] == ["2023年3月", "2023年4月"]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("{number},2023-04,700.01", "超出 0.01 元"),
            ("{number},2024-01,1.00", "月份应在当年"),
            ("ZB2023-999999,2023-04,1.00", "没有已下达的指标"),
        ],
    )
    def test_what_does_not_fit_is_said_in_its_cell(self, house, tmp_path, row, reason):
        number = Document.objects.get(pk=house.allotment(yuan=1_000)).number
        path = csv(tmp_path, "指标单号,月份,金额", f"{number},2023-03,300.00", row.format(number=number))

        report = load(house, "treasury.cash_plan", path, "maker")

        assert not report.is_good
        assert any(reason in problem.message for problem in report.problems), report
        assert not Document.objects.filter(kind="treasury.cash_plan").exists()


class TestReceipts:
    """回单逐笔核对，好的入账。"""

    def test_matched_and_explained(self, house, tmp_path):
        allotment = house.allotment(yuan=1_000)
        paid, failed = (house.sent(allotment, yuan, payee_account=f"3305{yuan}") for yuan in (300, 200))
        first, second = (Document.objects.get(pk=doc_id).number for doc_id in (paid, failed))
        heads = "指令号,结果,金额（元）,支付日期,银行流水号,失败原因"
        path = csv(
            tmp_path, heads, f"{first},成功,300.00,2023-03-01,S1,", f"{second},失败,200.00,2023-03-01,,账号不存在",
            "ZF2023-999999,成功,1.00,2023-03-01,S3,",
        )  # fmt: skip

        report = load(house, "treasury.bank_receipt", path, only_good=True)

        assert any("没有发出过指令 ZF2023-999999" in problem.message for problem in report.problems)
        assert report.is_good, report.refusal
        assert Document.objects.get(pk=paid).state == "booked"
        assert Document.objects.get(pk=failed).state == "bank_refused"
        assert house.figures(allotment) == {"635": 700, "661": 300}

    def test_the_same_receipt_again_changes_nothing(self, house, tmp_path):
        allotment = house.allotment(yuan=1_000)
        number = Document.objects.get(pk=house.sent(allotment, 300)).number
        path = csv(tmp_path, "指令号,结果,金额（元）,支付日期", f"{number},成功,300.00,2023-03-01")
        assert load(house, "treasury.bank_receipt", path).is_good

        again = load(house, "treasury.bank_receipt", path, confirm_seen=True)

        assert again.is_good
        assert house.figures(allotment) == {"635": 700, "661": 300}


class TestStatements:
    """对账单导入即核对。"""

    def test_compared_at_once(self, house, tmp_path):
        heads = "日期,资金性质,期初余额,收入,支出,期末余额"
        path = csv(tmp_path, heads, "2023-03-01,一般公共预算,0,0,0,0", "2023-03-01,政府性基金预算,0,5,0,5")

        report = load(house, "treasury.statement", path)

        assert report.is_good, report.refusal
        states = {row.fund: row.document.state for row in Statement.objects.select_related("document")}
        assert states == {"general": "agreed", "govfund": "differs"}

    def test_one_that_does_not_add_up_is_named(self, house, tmp_path):
        path = csv(tmp_path, "日期,资金性质,期初余额,收入,支出,期末余额", "2023-03-01,一般公共预算,1,0,0,2")

        report = load(house, "treasury.statement", path)

        assert not report.is_good
        assert "期初加收入减支出不等于期末" in report.problems[0].message
