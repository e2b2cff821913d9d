"""The pure postings, written in ledger notation: credit → debit amount."""

import pytest

from fisc.domains.budget import postings
from fisc.domains.budget.postings import Place

HERE = Place(2023, 7, 11, "general", "2050203", "30213", flags=1, allotment_id=99)
THERE = Place(2023, 8, 12, "general", "2050299", "30201", allotment_id=98)


def notation(lines) -> list[str]:
    return [f"{line.credit.subject} → {line.debit.subject} {line.amount_fen}" for line in lines]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (postings.record_initial, ["603 → 602 5"]),
        (postings.approve, ["601 → 621 5", "621 → 627 5", "811 → 821 5"]),
        (postings.release, ["627 → 631 5", "631 → 635 5"]),
        (postings.take_back, ["635 → 631 5", "631 → 627 5"]),
        (postings.supplement, ["601 → 621 5", "621 → 627 5", "811 → 821 5", "627 → 631 5", "631 → 635 5"]),
        (postings.cut, ["635 → 631 5", "631 → 627 5", "627 → 621 5", "621 → 601 5", "821 → 811 5"]),
        (postings.freeze, ["635 → 636 5"]),
        (postings.unfreeze, ["636 → 635 5"]),
    ],
)
def test_each_step(make, expected):
    assert notation(make(HERE, 5)) == expected


def test_a_virement_goes_by_way_of_the_totals_and_the_projects():
    assert notation(postings.vire(HERE, THERE, 5)) == [
        "635 → 631 5", "631 → 627 5", "627 → 621 5", "621 → 621 5", "621 → 627 5", "627 → 631 5", "631 → 635 5",
        "821 → 811 5", "811 → 821 5",
    ]  # fmt: skip


def test_within_one_function_and_project_nothing_moves_between_totals():
    near = Place(2023, 8, 11, "general", "2050203", "30201", allotment_id=98)

    assert notation(postings.vire(HERE, near, 5)) == [
        "635 → 631 5", "631 → 627 5", "627 → 621 5", "621 → 627 5", "627 → 631 5", "631 → 635 5",
    ]  # fmt: skip


def test_a_virement_stays_in_its_fund():
    with pytest.raises(ValueError):
        postings.vire(HERE, Place(2023, 8, 12, "govfund", "2120803", "31005", allotment_id=98), 5)


def test_the_pool_knows_no_allotment():
    assert HERE.account("627").allotment_id is None
    assert HERE.account("635").allotment_id == 99
    assert HERE.total.unit_id is None
    assert HERE.source.function_code is None
