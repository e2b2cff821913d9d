"""库款预测: from the books to a run that is kept: opening, causes, shortfall days, lines, announced money."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from fisc.base.errors import BadInput, NotAllowed
from fisc.base.workdays import is_workday
from fisc.domains.treasury import forecast, forecast_model
from fisc.domains.treasury.forecast import KnownMoney, TooLittleHistory
from fisc.domains.treasury.models import CashLine, ForecastDay, ForecastItem, ForecastRun
from fisc.kernel import ledger
from fisc.kernel.ledger.charts import load_chart
from fisc.kernel.ledger.keys import AccountKey, Entry, Line
from fisc.kernel.modules import registry

pytestmark = pytest.mark.django_db
ON = dt.date(2023, 3, 1)


def key(subject: str, year: int | None = None, fund: str = "general") -> AccountKey:
    return AccountKey(book="cash", subject=subject, fund=fund, fiscal_year=year)


def move(day: dt.date, yuan: int, fund: str = "general") -> Entry:
    """Cash in (positive) or out on a day."""
    line = (
        Line(debit=key("1001", fund=fund), credit=key("4001", day.year, fund), amount_fen=yuan * 100)
        if yuan > 0
        else Line(debit=key("5001", day.year, fund), credit=key("1001", fund=fund), amount_fen=-yuan * 100)
    )
    return Entry(kind="test.cash", document_id=None, effective_on=day, lines=(line,))


def play(district, *, months: int = 14, income: int = 110_000, spending: int = 100_000) -> int:
    """Months of cash before 2023-03: income on the 2nd working day, spending on the 7th; returns what is left, in 分."""
    entries = []
    for number in range(months, 0, -1):
        period = forecast_model.shifted(202303, -number)
        days = [day for day in forecast_model.month_days(period) if is_workday(day)]
        entries += [move(days[1], income), move(days[6], -spending)]
    ledger.post_many(entries=entries, actor_id=1, at=district.at)
    return months * (income - spending) * 100


def run(district, who="treasury_officer", **facts) -> ForecastRun:
    run_id = forecast.run_forecast(on=ON, actor=district.people[who], at=district.at, **facts)
    return ForecastRun.objects.get(pk=run_id)


class TestARun:
    """一次预测：期初来自账，逐日加得起来，存下来不再变。"""

    def test_it_begins_with_the_books_and_adds_up(self, district):
        left = play(district)

        made = run(district)

        days = list(ForecastDay.objects.filter(run=made).order_by("on_day"))
        assert (made.opening_fen, len(days), days[0].on_day) == (left, 90, ON)
        at = made.opening_fen
        for day in days:
            at += day.inflow_fen - day.outflow_fen
            assert day.mid_fen == at
            assert day.low_fen <= day.mid_fen <= day.high_fen

    def test_the_seasons_come_again(self, district):
        play(district)

        made = run(district)

        out = dict(
            ForecastDay.objects.filter(run=made, outflow_fen__gt=0).values_list("on_day", "outflow_fen")
        )
        assert out == {
            dt.date(2023, 3, 9): 10_000_000, dt.date(2023, 4, 12): 10_000_000, dt.date(2023, 5, 11): 10_000_000,
        }  # fmt: skip
        assert made.errors["error_percent"]["30"] == pytest.approx(0, abs=0.01)
        assert made.average_outflow_fen == 10_000_000 and made.safety_fen == 3_000_000

    def test_causes_add_up_to_the_days(self, district):
        play(district)
        district.approved(district.allotment(yuan=10_000), yuan=5_000)

        made = run(district)

        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT count(*) FROM treasury_forecastday d
                WHERE run_id = %s AND inflow_fen - outflow_fen <> (
                    SELECT coalesce(sum(amount_fen), 0) FROM treasury_forecastitem i
                    WHERE i.run_id = d.run_id AND i.on_day = d.on_day)
                """,
                [made.pk],
            )
            assert cursor.fetchone() == (0,)

    def test_less_than_a_year_is_too_little(self, district):
        play(district, months=11)

        with pytest.raises(TooLittleHistory, match="只有 11 个整月"):
            run(district)

    def test_a_year_to_the_month_is_enough(self, district):
        play(district, months=12)

        made = run(district)

        assert made.errors["origins"] == [] and made.errors["coverage_percent"] is None

    def test_funds_are_foreseen_apart_or_together(self, district):
        left = play(district)
        ledger.post_many(entries=[move(dt.date(2022, 1, 4), 5_000, "govfund")], actor_id=1, at=district.at)

        assert run(district, fund="general").opening_fen == left
        assert run(district).opening_fen == left + 500_000

    def test_runs_are_kept_as_they_were_made(self, district):
        play(district)
        made = run(district)

        for statement in (
            "UPDATE treasury_forecastrun SET opening_fen = 0",
            "DELETE FROM treasury_forecastday",
            "UPDATE treasury_forecastitem SET amount_fen = 1",
        ):
            with (
                pytest.raises(IntegrityError, match="as it was made"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
        assert ForecastRun.objects.get(pk=made.pk).opening_fen == made.opening_fen

    def test_only_treasury_runs_it(self, district):
        play(district)

        with pytest.raises(NotAllowed):
            run(district, who="maker")

    def test_others_read_the_view(self, district):
        play(district)
        made = run(district)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT run_id, on_day, low_fen, mid_fen, high_fen, inflow_mid_fen, outflow_mid_fen "
                "FROM v_treasury_cash_forecast WHERE run_id = %s ORDER BY on_day LIMIT 1",
                [made.pk],
            )
            assert cursor.fetchone()[:2] == (made.pk, ON)


class TestWhatIsKnown:
    """已知的代替按规律推的，不重复算。"""

    def test_a_payment_under_way_is_named_and_counted_once(self, district):
        play(district)
        payment = district.approved(district.allotment(yuan=100_000), yuan=40_000)

        made = run(district)

        item = ForecastItem.objects.get(run=made, cause="payment")
        assert (item.document_id, item.on_day, item.amount_fen) == (payment, dt.date(2023, 3, 2), -4_000_000)
        march = sum(
            ForecastDay.objects.filter(run=made, on_day__lt=dt.date(2023, 4, 1)).values_list(
                "outflow_fen", flat=True
            )
        )
        assert march == 10_000_000

    def test_more_than_the_season_is_more(self, district):
        play(district)
        project = district.project(total_yuan=1_000_000)
        district.approved(district.allotment(yuan=400_000, project_id=project), yuan=150_000)

        made = run(district)

        march = sum(
            ForecastDay.objects.filter(run=made, on_day__lt=dt.date(2023, 4, 1)).values_list(
                "outflow_fen", flat=True
            )
        )
        assert march == 15_000_000

    def test_plans_go_out_over_their_month(self, district):
        play(district)
        allotment = district.allotment(yuan=100_000)
        doc_id = district.create(
            "treasury.cash_plan", "maker", allotment_id=allotment, amount_fen=2_000_001, month=202304
        )
        district.approve(doc_id, "maker")

        made = run(district)

        items = ForecastItem.objects.filter(run=made, cause="plan")
        assert sum(items.values_list("amount_fen", flat=True)) == -2_000_001
        assert {item.on_day.month for item in items} == {4}
        assert all(is_workday(item.on_day) for item in items)

    def test_announced_money_comes_on_its_day_and_can_be_taken_back(self, district):
        play(district)
        officer = district.people["treasury_officer"]
        rows = [
            KnownMoney(dt.date(2023, 3, 20), "general", "transfer", "省级转移支付第二批", 3_000_000),
            KnownMoney(dt.date(2023, 3, 25), "general", "repayment", "一般债券付息", -1_000_000),
        ]
        forecast.add_known(rows=rows, actor=officer, at=district.at)

        made = run(district)

        found = dict(
            ForecastItem.objects.filter(run=made, cause__startswith="known").values_list(
                "cause", "amount_fen"
            )
        )
        assert found == {"known_in": 3_000_000, "known_out": -1_000_000}
        for flow in forecast.KnownFlow.objects.all():
            forecast.cancel_known(flow_id=flow.pk, actor=officer, at=district.at)
        assert not ForecastItem.objects.filter(run=run(district), cause__startswith="known").exists()

    @pytest.mark.parametrize("facts", [{"fund": "x"}, {"kind": "x"}, {"label": " "}, {"amount_fen": 0}])
    def test_announced_money_needs_its_facts(self, district, facts):
        given = {"on": ON, "fund": "general", "kind": "transfer", "label": "预告", "amount_fen": 1, **facts}

        with pytest.raises(BadInput):
            forecast.add_known(
                rows=[KnownMoney(**given)], actor=district.people["treasury_officer"], at=district.at
            )


class TestShortDays:
    """缺口、风险、警戒：边界到分。"""

    @pytest.mark.parametrize(
        ("low", "mid", "level"),
        [
            (-200, -1, "gap"), (-1, 0, "risk"), (-1, 500, "risk"), (0, 99, "thin"), (0, 100, ""), (50, 100, ""),
        ],
    )  # fmt: skip
    def test_levels(self, low, mid, level):
        assert forecast.level_of(low, mid, 100) == level

    def test_a_hole_is_seen_coming(self, district):
        play(district, income=100_000, spending=100_000)
        project = district.project(total_yuan=1_000_000)
        district.approved(district.allotment(yuan=400_000, project_id=project), yuan=300_000)

        made = run(district)

        first = ForecastDay.objects.filter(run=made, level="gap").order_by("on_day").first()
        assert first is not None and first.on_day == dt.date(2023, 3, 2)


class TestTheLines:
    """两条线是数据：0.3 和 0.8，自某日起可改。"""

    def test_the_first_lines_are_there(self, district):
        line = forecast.line_on(ON)

        assert (line.low_cover, line.high_cover) == (Decimal("0.30"), Decimal("0.80"))

    def test_a_new_line_holds_from_its_day(self, district):
        actor = district.people["treasury_officer"]
        forecast.set_line(
            valid_from=dt.date(2023, 3, 1), low=Decimal("0.40"), high=Decimal("0.90"), basis="省厅要求", actor=actor,
            at=district.at,
        )  # fmt: skip

        assert forecast.line_on(dt.date(2023, 2, 28)).low_cover == Decimal("0.30")
        assert forecast.line_on(ON).low_cover == Decimal("0.40")
        assert CashLine.objects.count() == 2

    @pytest.mark.parametrize(("low", "high"), [("0", "0.8"), ("0.8", "0.8"), ("0.9", "0.8"), ("1", "25")])
    def test_lines_in_the_wrong_order(self, district, low, high):
        with pytest.raises(BadInput):
            forecast.set_line(
                valid_from=ON, low=Decimal(low), high=Decimal(high), basis="依据",
                actor=district.people["treasury_officer"], at=district.at,
            )  # fmt: skip


def revenue(day: dt.date, yuan: int, subject: str = "4003", code: str = "1010101") -> Entry:
    """A receipt in the book of revenue, as the revenue module books it (4000 → 4003 …), or a task (8003 → 8000)."""
    given = {"book": "revenue", "fiscal_year": day.year, "fund": "general"}
    other = AccountKey(subject="8000" if subject == "8003" else "4000", **given)
    line = Line(
        debit=other, credit=AccountKey(subject=subject, revenue_code=code, **given), amount_fen=yuan * 100
    )
    return Entry(kind="test.revenue", document_id=None, effective_on=day, lines=(line,))


class TestRevenueByKindAndTask:
    """收入分支：有任务的按任务和完成率，没有的按上年同月；转移支付预告代替规律。"""

    @pytest.fixture
    def taxes(self, district):
        """All income is tax; the tasks of 2023 are 100,000 a month to February and 200,000 from March on."""
        (module,) = [module for module in registry.current().modules if module.name == "revenue"]
        load_chart(module.chart)
        play(district)
        entries = []
        for number in range(14, 0, -1):
            period = forecast_model.shifted(202303, -number)
            days = [day for day in forecast_model.month_days(period) if is_workday(day)]
            entries.append(revenue(days[1], 110_000))
        for month in range(1, 13):
            yuan = 100_000 if month < 3 else 200_000
            entries.append(revenue(dt.date(2023, month, 1), yuan, "8003"))
        ledger.post_many(entries=entries, actor_id=1, at=district.at)
        return district

    def test_the_task_goes_before_last_year(self, taxes):
        made = run(taxes)

        items = ForecastItem.objects.filter(run=made, cause="tax", on_day__lt=dt.date(2023, 4, 1))
        assert sum(items.values_list("amount_fen", flat=True)) == 22_000_000  # 200,000 × 110 %
        assert not ForecastItem.objects.filter(run=made, cause="other_in").exists()

    def test_transfers_announced_take_the_place_of_the_season(self, taxes):
        entries = []
        for number in range(14, 0, -1):
            day = dt.date(
                forecast_model.shifted(202303, -number) // 100,
                forecast_model.shifted(202303, -number) % 100,
                20,
            )
            entries += [revenue(day, 50_000, "4005", "1100202"), move(day, 50_000)]
        ledger.post_many(entries=entries, actor_id=1, at=taxes.at)
        row = KnownMoney(dt.date(2023, 3, 30), "general", "transfer", "提前下达", 3_000_000)
        forecast.add_known(rows=[row], actor=taxes.people["treasury_officer"], at=taxes.at)

        made = run(taxes)

        march = ForecastItem.objects.filter(run=made, on_day__lt=dt.date(2023, 4, 1))
        by_cause = {
            cause: sum(march.filter(cause=cause).values_list("amount_fen", flat=True))
            for cause in ("transfer", "known_in", "tax")
        }
        assert by_cause == {  # days are rounded each to the 分
            "transfer": pytest.approx(2_000_000, abs=12), "known_in": 3_000_000, "tax": 22_000_000,
        }  # fmt: skip
