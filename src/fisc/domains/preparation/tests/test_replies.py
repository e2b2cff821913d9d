"""人大批准与批复: nothing before the approval, never more than it; the limits by law; the event; guards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from fisc.base.errors import BadInput, Refusal
from fisc.domains.preparation import services
from fisc.domains.preparation.models import Approved, Line, Timer
from fisc.domains.preparation.refusals import NotApproved, OverApproved
from fisc.domains.preparation.replies import due, limits
from fisc.domains.preparation.watching import watch_limits
from fisc.kernel.documents import guards
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def collected(year):
    """One project of 1,000, collected for the congress."""
    year.to_collected([year.row(year.district.project(), 1_000)])
    return year


class TestApproval:
    """人大批准前不得批复；批复不超过批准数，到分。"""

    def test_no_reply_before_the_approval(self, collected):
        with pytest.raises(NotApproved):
            collected.reply()
        with pytest.raises(IntegrityError, match="超过人大批准数"), transaction.atomic():
            Line.objects.update(reply_fen=1)

    @pytest.mark.parametrize("facts", [{"number": ""}, {"on": dt.date(2023, 3, 2)}])
    def test_day_and_number(self, collected, facts):
        with pytest.raises(Refusal):
            collected.congress(**facts)
        assert collected.state == "collected"

    @pytest.mark.parametrize(("extra", "is_refused"), [(0, False), (1, True)])
    def test_to_the_fen(self, collected, extra, is_refused):
        collected.congress()
        amounts = {Line.objects.get().pk: 100_000 + extra}

        if is_refused:
            with pytest.raises(OverApproved, match=r"1,000\.01"):
                collected.reply(amounts=amounts)
            assert Line.objects.get().reply_fen is None
        else:
            collected.reply(amounts=amounts)
            assert Approved.objects.get().pending_fen == 0

    def test_what_is_not_given_is_pending(self, collected):
        collected.congress(unallocated=[services.Unallocated("general", "2050203", 5_000)])
        collected.reply(amounts={Line.objects.get().pk: 99_999})

        assert Approved.objects.get().pending_fen == 5_001

    def test_one_reply_a_year_and_void_takes_it_back(self, collected):
        collected.congress()
        reply_id = collected.reply()
        with pytest.raises(Refusal, match="已经拟好"):
            collected.reply()

        collected.district.step(reply_id, "void", "budget_officer", comment="文号有误")

        assert Line.objects.get().reply_fen is None
        assert Approved.objects.get().replied_fen == 0
        collected.issue(collected.reply(reference="云财预〔2023〕2号"))

    def test_issued_amounts_stay(self, collected):
        collected.congress()
        collected.issue(collected.reply())

        with pytest.raises(IntegrityError, match="已经结束并冻结"), transaction.atomic():
            Line.objects.update(reply_fen=1)

    def test_another_module_may_refuse_the_issue(self, collected):
        """三保缺口等，由别的模块在印发前拦下。"""
        collected.congress()
        reply_id = collected.reply()

        def guard(call):
            assert Line.objects.get().reply_fen == 100_000, "what would be replied can be judged"
            call.refuse_all(Refusal("三保有缺口。", code="test.gap"))

        with guards.also({"preparation.reply.issue": (guard,)}), pytest.raises(Refusal, match="三保有缺口"):
            collected.issue(reply_id)
        assert Document.objects.get(pk=reply_id).state == "approved"
        assert collected.state == "approved"


class TestLimits:
    """批复 20 天、转批 15 天、公开 20 天。"""

    @pytest.mark.parametrize(
        ("basis", "days", "last"),
        [
            ("calendar", 20, dt.date(2023, 3, 21)),
            ("workday", 20, dt.date(2023, 3, 29)),
            ("calendar", 15, dt.date(2023, 3, 16)),
        ],
    )
    def test_the_last_day(self, basis, days, last):
        assert due(dt.date(2023, 3, 1), days, basis) == last

    @pytest.mark.parametrize(
        ("today", "tone", "left"),
        [
            (dt.date(2023, 3, 17), "running", 4), (dt.date(2023, 3, 18), "near", 3), (dt.date(2023, 3, 21), "near", 0),
            (dt.date(2023, 3, 22), "late", -1),
        ],
    )  # fmt: skip
    def test_near_and_late(self, collected, today, tone, left):
        collected.congress()
        (reply, forwarded, _) = limits(Timer.objects.get(), today)

        assert (reply.tone, reply.days_left) == (tone, left)
        assert forwarded.tone == "idle"

    def test_a_department_at_a_time(self, collected):
        collected.congress()
        collected.issue(collected.reply())
        officer = {
            "round_id": collected.round_id,
            "actor": collected.actor("budget_officer"),
            "at": collected.at,
        }

        assert services.forward(on=collected.at.date(), unit_ids=[collected.unit("101")], **officer) == 0
        assert collected.state == "replied"
        with pytest.raises(BadInput, match="晚于今天"):
            services.forward(on=dt.date(2023, 3, 2), **officer)
        assert services.forward(on=collected.at.date(), unit_ids=[collected.unit("121")], **officer) == 1
        assert collected.state == "forwarded"

    def test_late_stays_marked(self, collected):
        collected.congress()
        collected.issue(collected.reply())
        Timer.objects.update(disclosed_on=dt.date(2023, 3, 22))

        assert limits(Timer.objects.get(), dt.date(2023, 4, 1))[2].tone == "late_done"


class TestAlerts:
    """临近期限提示，过了期限预警；办结即消。"""

    @pytest.mark.parametrize(
        ("day", "codes"),
        [(dt.date(2023, 3, 17), []), (dt.date(2023, 3, 18), ["P05"]), (dt.date(2023, 3, 22), ["P04"])],
    )
    def test_every_morning(self, collected, day, codes):
        collected.congress()
        clock.set_business_date(day)

        found = watch_limits(on=day, at=collected.at)

        assert [finding.rule.code for finding in found] == codes
        if codes == ["P04"]:
            assert "1 个部门" in found[0].message and "2023-03-21" in found[0].message
        clock.set_business_date(collected.at.date())
        collected.issue(collected.reply())
        assert watch_limits(on=collected.at.date(), at=collected.at) == []
