"""One unit's year: from an idea to the library, asked, cut, replied, paid, carried over, cut in the next round.

Each step is what the people of the school and of the bureau do, through the same doors as the pages and imports.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from fisc.base.errors import Refusal
from fisc.domains.budget.execution import services as ladder
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.replies import appropriation_of
from fisc.domains.budget.services import draft_allotments_from
from fisc.domains.budget.yearend.services import left_of, propose_year_end, set_kinds
from fisc.domains.preparation import services as preparation
from fisc.domains.treasury import bank
from fisc.domains.treasury.services import create_payments
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import AccountKey, Entry, Line
from fisc.kernel.ledger.periods import open_year
from fisc.kernel.modules.install import deliver_events
from fisc.kernel.rules.standing import run_one

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def _rows(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


@pytest.fixture
def unit_year(district):
    """The small district with the years of the story open."""
    open_year(2021)
    open_year(2024)
    return district


def _on(district, year: int, month: int, day: int) -> dt.datetime:
    district.at = dt.datetime(year, month, day, 10, 0, tzinfo=SHANGHAI)
    return district.at


def _send_in(district, request_ids) -> None:
    for doc_id in request_ids:
        assert district.approve(doc_id, "maker").state == "approved"


def _ask(district, round_id: int, stage: str, project: int, fen: int):
    row = {
        "unit_id": district.units["121001"].pk, "project_id": project, "function_code": "2050203",
        "economic_code": "30213", "amount_fen": fen,
    }  # fmt: skip
    return preparation.enter_lines(
        round_id=round_id, stage=stage, rows=[row], actor=district.people["maker"], at=district.at
    )


def _review_and_control(district, round_id: int, reviewed_fen: int | None, reason: str = "") -> None:
    ((line_id,),) = _rows("SELECT id FROM preparation_line WHERE round_id = %s", round_id)
    officer = district.people["budget_officer"]
    if reviewed_fen is None:
        preparation.accept_rest(round_id=round_id, actor=district.people["section"], at=district.at)
    else:
        preparation.review_lines(
            round_id=round_id, reviews=[preparation.Review(line_id, reviewed_fen, reason)],
            actor=district.people["section"], at=district.at,
        )  # fmt: skip
    perform(kind="preparation.round", id=round_id, step="close_first", actor=officer, at=district.at)
    control = preparation.draft_control(round_id=round_id, actor=officer, at=district.at)
    assert district.approve(control).state == "issued"
    perform(kind="preparation.round", id=round_id, step="issue_controls", actor=officer, at=district.at)


@pytest.mark.django_db
def test_one_unit_from_an_idea_to_the_cut_of_the_next_round(unit_year) -> None:
    """云屿区第一中学的一年。"""
    district = unit_year
    officer = district.people["budget_officer"]

    # 2021 年 9 月：想法成为项目，入库
    _on(district, 2021, 9, 20)
    project = district.project(total_yuan=1_200_000, title="教学楼维修改造", start_year=2022, end_year=2025)

    # 10 月：一上申报 60 万元
    _on(district, 2021, 10, 20)
    round_id = preparation.open_round(year=2022, actor=officer, at=district.at)
    entered = _ask(district, round_id, "first", project, 60_000_000)
    _send_in(district, entered.request_ids)

    # 11 月：股室审定 45 万元，压减 25％，下达一下
    _on(district, 2021, 11, 25)
    _review_and_control(district, round_id, 45_000_000, "测算标准偏高，按标准核减")
    assert _rows("SELECT asked_fen, cut_fen FROM v_preparation_cut WHERE fiscal_year = 2022") == [
        (60_000_000, 15_000_000)
    ]

    # 12 月：二上比一下多一分钱也不行
    _on(district, 2021, 12, 20)
    with pytest.raises(Refusal) as refused:
        _ask(district, round_id, "second", project, 45_000_001)
    assert "0.01" in refused.value.message
    entered = _ask(district, round_id, "second", project, 45_000_000)
    _send_in(district, entered.request_ids)
    perform(kind="preparation.round", id=round_id, step="collect", actor=officer, at=district.at)
    _on(district, 2021, 12, 30)
    preparation.record_approval(
        round_id=round_id, on=district.at.date(), number="云人大〔2021〕9号", actor=officer, at=district.at
    )

    # 2022 年 1 月：二下批复成为预算，下达指标
    _on(district, 2022, 1, 5)
    reply = preparation.make_reply(
        round_id=round_id, reference="区财预〔2022〕1号", actor=officer, at=district.at
    )
    assert district.approve(reply).state == "approved"
    perform(kind="preparation.reply", id=reply, step="issue", actor=officer, at=district.at)
    deliver_events(district.at)
    approval = appropriation_of(reply)
    assert approval is not None
    assert district.approve(approval).state == "approved"
    deliver_events(district.at)
    assert Document.objects.get(pk=project).state == "running"
    (allotment,) = draft_allotments_from(
        appropriation_id=approval, reference="区财预〔2022〕1号", actor=officer, at=district.at
    )
    assert district.approve(allotment).state == "released"
    assert district.figures(allotment) == {"635": 450_000}

    # 6 月：只付出 18 万元，执行率 40％
    _on(district, 2022, 6, 1)
    _put_cash(district, 50_000_000)
    draft = Draft(
        unit_id=0, fiscal_year=2022, business_on=district.at.date(), title="首期进度款", amount_fen=18_000_000,
        counterparty="云屿建筑工程有限公司",
        row={"allotment_id": allotment, "payee_account": "330501", "payee_bank": "建行云屿支行"},
    )  # fmt: skip
    (payment,) = create_payments(drafts=[draft], actor=district.people["maker"], at=district.at)
    district.step(payment, "submit", "maker")
    assert district.approve_on(payment).state == "approved"
    district.step(payment, "send", "treasury_officer")
    header = Document.objects.get(pk=payment)
    bank.receive(
        receipts=[bank.Receipt(header.number, True, header.amount_fen, district.at.date(), "BANK1", "")],
        actor=district.people["treasury_officer"],
        at=district.at,
    )
    assert district.figures(allotment) == {"635": 270_000, "661": 180_000}

    # 2023 年 1 月：年终，余下 27 万元按清单结转
    _on(district, 2023, 1, 30)
    year_end = propose_year_end(
        year=2022,
        unit_id=district.units["101"].pk,
        actor=officer,
        at=district.at,
        reference="区财预〔2023〕8号",
    )
    set_kinds(
        year_end_id=year_end,
        kinds={allotment: "carry"},
        reason="合同未完工，按清单结转",
        actor=officer,
        at=district.at,
    )
    assert district.approve(year_end).state == "approved"
    carried = Allotment.objects.get(carried_from_id=allotment)
    assert left_of(2022) == {}
    assert district.figures(allotment)["661"] == 180_000
    assert district.figures(carried.pk)["635"] == 270_000

    # 2 月：执行率 40％ 落在 20％ 一档，核减 2024 年预算 9 万元
    _on(district, 2023, 2, 27)
    (notice,) = ladder.propose_cuts(
        based_on_year=2022, cut_year=2024, executed_to=202212, actor=officer, at=district.at
    )
    district.step(notice, "issue", "budget_officer")
    district.step(notice, "confirm", "leader")
    deliver_events(district.at)

    # 10 月：下一轮一上又报 40 万元，控制数自动少 9 万元
    _on(district, 2023, 10, 20)
    next_round = preparation.open_round(year=2024, actor=officer, at=district.at)
    entered = _ask(district, next_round, "first", project, 40_000_000)
    _send_in(district, entered.request_ids)
    _on(district, 2023, 11, 20)
    _review_and_control(district, next_round, None)
    assert _rows(
        "SELECT control_fen FROM preparation_ceiling WHERE round_id = %s AND project_id = %s",
        next_round,
        project,
    ) == [(31_000_000,)]

    for invariant in district.invariants:
        result = run_one(invariant, at=district.at)
        assert result.holds, (invariant.code, result.sample)


def _put_cash(district, fen: int) -> None:
    line = Line(
        debit=AccountKey(book="cash", subject="1001", fund="general"),
        credit=AccountKey(book="cash", subject="4001", fund="general", fiscal_year=district.at.year),
        amount_fen=fen,
    )
    entry = Entry(kind="revenue.daily", document_id=None, effective_on=district.at.date(), lines=(line,))
    ledger.post(entry=entry, actor_id=1, at=district.at)
