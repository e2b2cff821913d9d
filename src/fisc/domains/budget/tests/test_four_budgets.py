"""四本预算: each balanced to the 分, transfers in pairs and only where lawful, the whole without them."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction

from fisc.domains.budget.balances import bridge, services, workbook
from fisc.domains.budget.balances.models import Balance, BudgetTransfer
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db
GENERAL = {
    "own_revenue_fen": 600_00, "upper_fen": 500_00, "debt_fen": 50_00, "last_surplus_fen": 10_00,
    "own_spending_fen": 1_000_00, "reserve_fen": 10_00, "transfers_fen": 60_00, "repayment_fen": 40_00,
    "surplus_fen": 50_00,
}  # fmt: skip


def balance(district, fund: str = "general", **items: int) -> int:
    return district.create(
        services.BALANCE, fund=fund, unit_id=district.units["101"].pk, **{**(GENERAL if fund == "general" else {}), **items}
    )  # fmt: skip


def transfer(district, out: str, into: str, fen: int, **facts) -> int:
    return district.create(
        services.TRANSFER, from_fund=out, to_fund=into, amount_fen=fen, unit_id=district.units["101"].pk,
        **{"reason": "统筹安排", **facts},
    )  # fmt: skip


def broken(district) -> list[str]:
    found = []
    for invariant in district.invariants:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            if rows := cursor.fetchall():
                found.append(f"{invariant.code}: {rows[:3]}")
    return found


class TestBalance:
    """收入总计 ＝ 支出总计，差一分也不行。"""

    def test_approved_when_it_balances(self, district):
        doc_id = balance(district)

        assert district.approve(doc_id).state == "approved"

        row = Balance.objects.get(pk=doc_id)
        assert (row.is_current, row.revenue_fen, row.expenditure_fen) == (True, 1_160_00, 1_160_00)
        assert not broken(district)

    def test_one_fen_off_is_refused_in_words(self, district):
        doc_id = balance(district, own_revenue_fen=600_01)

        with pytest.raises(
            services.NotBalanced, match=r"收入总计 1,160\.01 元，支出总计 1,160\.00 元，相差 0\.01 元"
        ):
            district.step(doc_id, "submit", "budget_officer")

    def test_one_fen_off_is_refused_by_the_database(self, district):
        doc_id = balance(district)
        district.approve(doc_id)

        with pytest.raises(IntegrityError, match="budget_balance_balanced"), transaction.atomic():
            Balance.objects.filter(pk=doc_id).update(surplus_fen=50_01)

    @pytest.mark.parametrize(
        ("reserve", "holds"), [(9_99, False), (10_00, True), (30_00, True), (30_01, False)]
    )
    def test_the_reserve_is_one_to_three_percent(self, district, reserve, holds):
        doc_id = balance(district, reserve_fen=reserve, own_revenue_fen=590_00 + reserve)

        if holds:
            assert district.approve(doc_id).state == "approved"
        else:
            with pytest.raises(services.ReserveOutside, match=r"应为 10\.00 至 30\.00 元"):
                district.step(doc_id, "submit", "budget_officer")

    def test_an_adjusted_balance_takes_its_place(self, district):
        first = balance(district)
        district.approve(first)
        second = balance(district, stage="adjusted", upper_fen=600_00, surplus_fen=150_00)

        district.approve(second)

        assert Document.objects.get(pk=first).state == "replaced"
        assert list(Balance.objects.filter(is_current=True).values_list("pk", flat=True)) == [second]
        selection = ledger.Selection(book="plan", subjects=("702",))
        assert ledger.balances(selection)[()].posted_fen == -600_00
        assert not broken(district)

    def test_only_the_general_budget_has_a_stabilisation_fund(self, district):
        with pytest.raises(IntegrityError, match="stabilisation_is_general"), transaction.atomic():
            balance(district, "govfund", own_revenue_fen=1, set_aside_fen=1)


class TestPairs:
    """调入调出一笔记账，平衡表取自调拨单。"""

    def test_both_sides_at_once(self, district):
        district.approve(transfer(district, "govfund", "general", 20_00))

        selection = ledger.Selection(book="plan", subjects=("704", "715"))
        sides = ledger.balances(selection, group_by=("subject", "fund", "counterparty"))
        assert {key: item.posted_fen for key, item in sides.items()} == {
            ("704", "general", "govfund"): -20_00, ("715", "govfund", "general"): 20_00,
        }  # fmt: skip

    def test_the_balance_takes_what_was_approved(self, district):
        district.approve(transfer(district, "govfund", "general", 20_00))
        doc_id = balance(district, surplus_fen=70_00)

        district.approve(doc_id)

        assert Balance.objects.get(pk=doc_id).transferred_in_fen == 20_00
        assert not broken(district)

    def test_a_stated_transfer_without_its_pair_is_refused(self, district):
        doc_id = balance(district, transferred_in_fen=20_00, surplus_fen=70_00)

        with pytest.raises(
            services.TransfersDiffer, match=r"调入资金 20\.00 元与已批准的预算间调拨 0\.00 元"
        ):
            district.step(doc_id, "submit", "budget_officer")

    def test_a_pair_after_the_balance_needs_an_adjustment(self, district):
        district.approve(balance(district))

        district.approve(transfer(district, "govfund", "general", 20_00))

        assert [text.split(":")[0] for text in broken(district)] == ["budget.transfers_in_pairs"]

    def test_statecapital_gives_thirty_percent_to_the_fen(self, district):
        district.approve(transfer(district, "statecapital", "general", 29_99))
        short = balance(district, "statecapital", own_revenue_fen=100_00, own_spending_fen=70_01)
        with pytest.raises(services.TransferTooSmall, match=r"不足本级收入的 30％（30\.00 元）"):
            district.step(short, "submit", "budget_officer")

        district.approve(transfer(district, "statecapital", "general", 1))
        enough = balance(district, "statecapital", own_revenue_fen=100_00, own_spending_fen=70_00)

        assert district.approve(enough).state == "approved"


class TestLawfulPairs:
    """社保基金只进不出；限制的须有文件；每条拒绝写明依据和合规办法。"""

    @pytest.mark.parametrize("into", ["general", "govfund", "statecapital"])
    def test_nothing_leaves_social_insurance(self, district, into):
        doc_id = transfer(district, "socialinsurance", into, 1)

        with pytest.raises(
            services.TransferForbidden, match=r"不得用于平衡其他政府预算.*由一般公共预算给予补贴"
        ):
            district.step(doc_id, "submit", "budget_officer")

    def test_subsidies_go_in(self, district):
        assert district.approve(transfer(district, "general", "socialinsurance", 1)).state == "approved"

    def test_general_to_fund_needs_a_document(self, district):
        with pytest.raises(services.TransferNeedsBasis, match="须有专门文件依据"):
            district.step(transfer(district, "general", "govfund", 1), "submit", "budget_officer")

        named = transfer(district, "general", "govfund", 1, reference="区政〔2023〕2号")
        assert district.approve(named).state == "approved"

    def test_two_funds(self, district):
        doc_id = transfer(district, "govfund", "general", 1)

        with pytest.raises(IntegrityError, match="two_funds"), transaction.atomic():
            BudgetTransfer.objects.filter(pk=doc_id).update(to_fund="govfund")


class TestBridge:
    """全口径：抵销调入调出，合计等于各本之和减抵销。"""

    @pytest.fixture
    def approved(self, district):
        district.approve(transfer(district, "govfund", "general", 20_00))
        district.approve(balance(district, surplus_fen=70_00))
        district.approve(balance(district, "govfund", own_revenue_fen=80_00, own_spending_fen=60_00))
        return district

    def test_the_whole_leaves_transfers_out(self, approved):
        page = bridge.bridge(year=2023, month=12)

        assert page.total(page.revenue, "general", is_planned=True) == 1_180_00
        assert page.total(page.expenditure, "govfund", is_planned=True) == 80_00
        assert page.whole(page.revenue, is_planned=True) == 1_160_00 + 80_00
        assert page.whole(page.expenditure, is_planned=True) == 1_160_00 + 80_00

    def test_every_figure_leads_on(self, approved):
        page = bridge.bridge(year=2023, month=12)

        planned = {line.key: line.planned["general"] for line in page.revenue}
        assert planned["upper_fen"].fen == 500_00
        assert planned["upper_fen"].href.startswith("/figures/")

    def test_the_sheet_computes_what_it_shows(self, approved):
        page = bridge.bridge(year=2023, month=12)
        from datetime import UTC, datetime

        content = workbook.to_excel(
            page, unit="yuan", exported_by="测试", at=datetime(2023, 12, 31, tzinfo=UTC)
        )

        values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["预算"]
        formulas = openpyxl.load_workbook(io.BytesIO(content))["预算"]
        labels = {values.cell(row, 1).value: row for row in range(1, values.max_row + 1)}
        assert values.cell(labels["收入总计"], 7).value == 1_240
        assert formulas.cell(labels["收入总计"], 7).value.startswith("=SUM(")
        assert values.cell(labels["调入资金"], 6).value == -20
        assert [values.cell(labels["平衡检查（收入减支出）"], column).value for column in range(2, 8)] == [
            0
        ] * 6
