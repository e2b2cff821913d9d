"""Figures, their transfers, vouchers and explanations: what is read equals what was booked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fisc.kernel import ledger
from fisc.kernel.ledger import AccountKey, Entry, Flag, Line, Selection
from fisc.kernel.ledger.tests.books import ACTOR, AT, MAY, account, entry, line, move

pytestmark = pytest.mark.usefixtures("books")
LATER = AT + timedelta(days=1)
PAID = Selection(book="test", subjects=("paid",), side="net_debit")


def pay(function_code: str, amount_fen: int, *, on: date = MAY, at: object = AT, **dimensions: object) -> int:
    """Book an expenditure with dimensions; returns the entry."""
    key = AccountKey(book="test", subject="paid", function_code=function_code, **dimensions)  # type: ignore[arg-type]
    lines = (Line(debit=key, credit=account("source"), amount_fen=amount_fen),)
    return ledger.post(
        entry=Entry(kind="test.pay", document_id=9, effective_on=on, lines=lines), actor_id=ACTOR, at=at
    )  # type: ignore[arg-type]


def total(
    selection: Selection, first: int | None = None, last: int | None = None, **options: object
) -> int | None:
    (found,) = ledger.sums([(selection, first, last)], **options)  # type: ignore[arg-type]
    return found.get(())


class TestSums:
    """按科目、维度、期间汇总。"""

    @pytest.fixture(autouse=True)
    def _paid(self, books: None) -> None:
        pay("2050201", 10, unit_id=1, fund="general", flags=Flag.THREE_GUARANTEES | Flag.DIRECT_FUNDS)
        pay("2050202", 20, unit_id=2, fund="general", on=date(2023, 6, 1), flags=Flag.DIRECT_FUNDS)
        pay("2080101", 40, unit_id=1, fund="govfund", on=date(2022, 12, 31), counterparty="甲")
        pay("2060101", 80, unit_id=1, fund="general", revenue_code="1030401", economic_code="30201")

    @pytest.mark.parametrize(
        ("narrowed", "expected"),
        [
            ({}, 150),
            ({"function_prefixes": ("205",)}, 30),
            ({"function_prefixes": ("20502", "208")}, 70),
            ({"unit_ids": (1,)}, 130),
            ({"funds": ("govfund",)}, 40),
            ({"flags_all": 2}, 30),
            ({"flags_all": 3}, 10),
            ({"counterparties": ("甲",)}, 40),
            ({"revenue_prefixes": ("103",)}, 80),
            ({"revenue_exclude_prefixes": ("103",)}, 70),
            ({"economic_prefixes": ("302",), "unit_ids": (1, 2)}, 80),
            ({"subjects": ("pai",)}, 150),
            ({"subjects": ("source",)}, -150),
            ({"subjects": ("source",), "side": "net_credit"}, 150),
            ({"subjects": ("source",), "side": "credit"}, 150),
            ({"subjects": ("source",), "side": "debit"}, 0),
            ({"unit_ids": (3,)}, None),
            ({"book": "other"}, None),
        ],
    )
    def test_selections(self, narrowed: dict[str, object], expected: int | None) -> None:
        selection = replace(PAID, **narrowed)

        assert total(selection) == expected
        assert total(selection, as_known_on=LATER) == expected
        listed = ledger.transfers_of(selection)
        assert sum(one.amount_fen for one in listed) == (expected or 0)

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            (202305, 202305, 90),
            (202301, 202306, 110),
            (None, 202212, 40),
            (202306, None, 20),
            (202307, 202312, None),
        ],
    )
    def test_periods(self, first: int | None, last: int | None, expected: int | None) -> None:
        assert total(PAID, first, last) == expected

    def test_many_at_once(self) -> None:
        wishes = [(PAID, 202301, 202305), (PAID, 202301, 202306), (replace(PAID, unit_ids=(2,)), None, None)]

        assert [found.get(()) for found in ledger.sums(wishes)] == [90, 110, 20]

    def test_groups(self) -> None:
        (by_class,) = ledger.sums([(PAID, None, None)], group_by=("function_code:3", "unit_id"))
        (by_month,) = ledger.sums([(PAID, None, None)], group_by=("fund", "period"))

        assert by_class == {("205", 1): 10, ("205", 2): 20, ("206", 1): 80, ("208", 1): 40}
        assert by_month == {("general", 202305): 90, ("general", 202306): 20, ("govfund", 202212): 40}

    def test_groups_are_columns(self) -> None:
        for name in ("key", "unit_id:2", "function_code:x", "posted_fen"):
            with pytest.raises(ValueError, match="grouped"):
                ledger.sums([(PAID, None, None)], group_by=(name,))

    def test_as_known_on(self) -> None:
        """“截至某时点已知”的数字不受以后补记的影响。"""
        pay("2050201", 1, at=LATER)

        assert total(PAID) == 151
        assert total(PAID, as_known_on=AT) == 150

    def test_balances(self) -> None:
        found = ledger.balances(PAID, group_by=("unit_id",))

        assert {group: balance.posted_fen for group, balance in found.items()} == {(1,): 130, (2,): 20}


class TestTransfers:
    """数字由哪些分录组成。"""

    def test_pages(self) -> None:
        for amount in range(1, 6):
            pay("2050201", amount)
        first = ledger.transfers_of(PAID, limit=3)
        second = ledger.transfers_of(PAID, limit=3, cursor=first[-1].cursor)

        assert [one.amount_fen for one in first + second] == [1, 2, 3, 4, 5]
        assert first[0].document_id == 9
        assert first[0].account.function_code == "2050201"

    def test_a_reversal_is_listed_in_red(self) -> None:
        entry_id = pay("2050201", 7)
        ledger.reverse_many(
            entry_ids=[entry_id], effective_on=date(2023, 6, 1), actor_id=ACTOR, at=AT, memo="错"
        )

        for side in ("debit", "net_debit"):
            listed = ledger.transfers_of(replace(PAID, side=side))
            assert [(one.amount_fen, one.reverses_id) for one in listed] == [(7, None), (-7, entry_id)]
        assert total(replace(PAID, side="debit")) == 0
        assert ledger.transfers_of(replace(PAID, side="credit")) == []

    def test_within_periods(self) -> None:
        pay("2050201", 1)
        pay("2050201", 2, on=date(2023, 6, 1))

        assert [
            one.amount_fen for one in ledger.transfers_of(PAID, period_from=202306, period_to=202306)
        ] == [2]


class TestVouchers:
    """凭证按文档、编号、年度查找。"""

    def test_of_a_document(self) -> None:
        ledger.post(
            entry=entry(("source > free", 9), ("pool > plan", 8), document_id=77), actor_id=ACTOR, at=AT
        )

        (voucher,) = ledger.vouchers_of_documents([77])

        assert (voucher.voucher_no, voucher.fiscal_year) == (1, 2023)
        assert [(one.debit.subject_name, one.credit.subject_name, one.amount_fen) for one in voucher.lines] == [
            ("可用", "资金来源", 9), ("用款计划", "总池", 8),
        ]  # fmt: skip
        assert ledger.voucher_by_number(fiscal_year=2023, voucher_no=1) == voucher
        assert ledger.voucher_by_number(fiscal_year=2023, voucher_no=2) is None

    def test_red_and_reversed_point_at_each_other(self) -> None:
        first = pay("2050201", 7)
        (red,) = ledger.reverse_many(
            entry_ids=[first], effective_on=MAY, actor_id=ACTOR, at=AT, memo="错"
        ).entry_ids

        booked, reversal = ledger.vouchers_by_id([first, red])

        assert (booked.reversed_by_id, reversal.reverses_id) == (red, first)
        assert (reversal.lines[0].debit.subject_name, reversal.lines[0].amount_fen) == ("已付", -7)

    def test_far_apart_and_close_together(self) -> None:
        ids = [pay("2050201", 1) for _ in range(60)]

        assert [one.entry_id for one in ledger.vouchers_by_id(ids)] == ids
        assert [one.entry_id for one in ledger.vouchers_by_id([ids[0], ids[-1]])] == [ids[0], ids[-1]]

    def test_pages_of_a_year(self) -> None:
        for month in (1, 2, 2):
            pay("2050201", 1, on=date(2023, month, 1))

        assert [one.voucher_no for one in ledger.vouchers_of_year(2023, after_no=1, limit=1)] == [2]
        assert [one.voucher_no for one in ledger.vouchers_of_year(2023, period=202302)] == [2, 3]
        assert ledger.vouchers_of_year(2022) == []


def test_explain_says_who_holds_the_money() -> None:
    """余额去了哪里：谁预占、付了多少、冻结多少。"""
    ledger.post_many(
        entries=[move("source > free", 100), move("free > paid", 30), move("free > frozen", 20)],
        actor_id=ACTOR,
        at=AT,
    )
    ledger.hold(entry=entry(("free > paid", 15), ("free > frozen", 5), document_id=42), actor_id=ACTOR, at=AT)

    found = ledger.explain(account("free"))

    assert found.account.available_fen == 30
    assert [(one.document_id, one.amount_fen) for one in found.holders] == [(42, 20)]
    assert {one.subject_name: one.posted_fen for one in found.siblings} == {
        "冻结": 20,
        "已付": 30,
        "资金来源": -100,
    }
    assert ledger.explain(account("free/99")) is None
    assert line("source > free", 1).amount_fen == 1
