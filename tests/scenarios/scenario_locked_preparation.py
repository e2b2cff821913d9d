"""编制：三公在一上、二上申报时就锁在额度之内，一般性支出二上不超限额；超一分即退，等于即过。"""

from __future__ import annotations

import pytest

from fisc.domains.austerity import watch
from fisc.domains.austerity.items import RECEPTION, RUNNING
from fisc.domains.austerity.tests.test_ceilings import approved
from fisc.domains.austerity.tests.test_watch import caps
from fisc.domains.preparation import services
from fisc.domains.preparation.models import Request
from fisc.domains.preparation.tests.conftest import Year
from fisc.domains.preparation.tests.conftest import year as year  # the fixture

pytestmark = pytest.mark.django_db


def submit(year: Year, stage: str = "first") -> None:
    for request in Request.objects.filter(round_id=year.round_id, stage=stage):
        year.district.step(request.pk, "submit", "maker")


@pytest.fixture
def project(year: Year) -> int:
    return year.district.project(category="public")


class TestFirst:
    """一上。"""

    def test_an_item_to_the_fen(self, year, project):
        approved(year.district, ("121001", 100, 0, None))
        year.enter([year.row(project, 100, economic_code=RECEPTION)])

        submit(year)

    def test_an_item_one_fen_over(self, year, project):
        approved(year.district, ("121001", 100, 0, None))
        year.enter([year.row(project, 100.01, economic_code=RECEPTION)])

        with pytest.raises(watch.OverCeiling, match=r"公务接待额度 100\.00 元，本次后为 100\.01 元"):
            submit(year)

    def test_the_total_one_fen_over(self, year, project):
        approved(year.district, ("121001", 100, 100, 150))
        year.enter(
            [
                year.row(project, 100, economic_code=RECEPTION),
                year.row(project, 50.01, economic_code=RUNNING),
            ]
        )

        with pytest.raises(watch.OverCeiling, match=r"三公总额额度 150\.00 元，本次后为 150\.01 元"):
            submit(year)

    def test_asking_is_not_capped(self, year, project):
        caps(year.district, 1)
        year.enter([year.row(project, 100, economic_code="30215")])

        submit(year)


class TestSecond:
    """二上和批复。"""

    def test_the_cap_holds_at_the_second_asking(self, year, project):
        year.to_second([year.row(project, 100, economic_code="30215")])
        caps(year.district, 100)
        services.fill_second(round_id=year.round_id, actor=year.actor("maker"), at=year.at)

        submit(year, "second")

    def test_one_fen_over_the_cap(self, year, project):
        year.to_second([year.row(project, 100.01, economic_code="30215")])
        caps(year.district, 100)
        services.fill_second(round_id=year.round_id, actor=year.actor("maker"), at=year.at)

        with pytest.raises(watch.OverCap, match=r"超出 0\.01 元"):
            submit(year, "second")

    def test_a_ceiling_given_later_still_stops_the_reply(self, year, project):
        year.to_collected([year.row(project, 100.01, economic_code=RECEPTION)])
        year.congress()
        reply = year.reply()
        approved(year.district, ("121001", 100, 0, None))

        with pytest.raises(watch.OverCeiling, match="第一中学"):
            year.issue(reply)
