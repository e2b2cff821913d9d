"""A year and a half of the demo district, entered through the product's own doors, ends in the seed's own sentences.

Activities 01 and 02 of the mission, F1–F5, F10, F11: nothing is typed in, so one more receipt changes the report.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fisc.base.progress import silent
from fisc.domains.narrative import services as narrative
from fisc.domains.revenue import services as revenue
from fisc.domains.revenue.receipts import ReceiptRow
from fisc.kernel.approvals import inbox
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.evidence import adds_up
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.clock import business_now, business_today
from fisc.kernel.rules.commands import run_standing_checks
from fisc.project import demo
from fisc.project.demo import people

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_demo_district"), pytest.mark.django_db]

# The seed, word for word; amounts are masked there.
SEED = (
    "1－6月，全区财政总收入实现*万元，同比增长22.5％，完成年度任务的58.8％。一般公共预算收入*万元，同比增长17.9％，"
    "完成年度任务的59.9％。其中：税收收入*万元，同比增长58％，完成年度任务的61.6％，非税收入*万元，同比下降7.8％，"
    "完成年度任务的58.1％。税收收入占一般公共预算收入比重52.33％，比上年同期提高13.28个百分点。",
    "1－6月，全区一般公共预算支出*万元，同比增长52.33％，其中教育、社会保障和就业等民生支出12.67亿元，"
    "占一般公共预算支出的65.78％。",
)
CYCLE = (
    "从严开展预算编制，非重点、非刚性支出预算比一上上报数压减*亿元，压减比例28.51％。",
    "严格实行“三公”经费“双控”管理，全年“三公”经费预算安排*万元，比上年预算数下降0.4％。",
    "将全区财政支出增量的三分之二以上用于民生领域，1－6月民生支出*亿元，占一般公共预算支出的65.8％。",
    "并在2022年生均公用经费普调50元的基础上，继续追加调增生均公用经费150元。",
)
THROUGH = date(2023, 6, 30)


def _report_text() -> str:
    written = narrative.write_report(
        template="half-year", year=2023, actor=people.actor("wumin"), at=business_now(), masked=True
    )
    return written.text.plain


class TestTheReportIsTheSeed:
    """「一、上半年财政工作情况」的两段。"""

    def test_both_paragraphs_come_out_word_for_word(self) -> None:
        text = _report_text()

        for paragraph in SEED:
            assert paragraph in text

    @pytest.mark.parametrize("sentence", CYCLE)
    def test_what_the_budget_cycle_has_to_say(self, sentence: str) -> None:
        """「（三）锚定共富目标」：压减、三公、民生、生均。"""
        assert sentence in _report_text()

    def test_one_more_receipt_changes_the_report(self) -> None:
        """再入库一笔罚没收入八百万元，非税收入降幅收窄，报告随之变化。"""
        row = ReceiptRow(THROUGH, "general", "1030501", "补记罚没收入", 800_000_000, "GK-EXTRA-1")

        revenue.import_daily_reports(rows=[row], actor=people.actor("xujing"), at=business_now())
        text = _report_text()

        assert SEED[0] not in text
        assert "非税收入*万元，同比下降5.9％" in text
        assert SEED[1] in text  # expenditure has not moved

    def test_the_report_as_known_before_the_receipt_stays_as_it_was(self) -> None:
        request = FigureRequest("revenue.nontax", 2023, 6)
        before = figures([request])[request].value
        moment = business_now()
        row = ReceiptRow(THROUGH, "general", "1030501", "补记罚没收入", 500_000_000, "GK-EXTRA-2")

        revenue.import_daily_reports(
            rows=[row], actor=people.actor("xujing"), at=moment + timedelta(minutes=1)
        )
        known = FigureRequest("revenue.nontax", 2023, 6, as_known_on=moment)
        found = figures([request, known])

        assert found[known].value == before
        assert found[request].value == before + 500_000_000


class TestEveryFigureOpens:
    """每个数字都能下钻到分录，且加得起来。"""

    @pytest.mark.parametrize(
        "metric",
        ["revenue.total", "revenue.general", "revenue.tax", "expenditure.general", "expenditure.livelihood"],
    )
    def test_its_entries_add_up_to_the_fen(self, metric: str) -> None:
        request = FigureRequest(metric, 2023, 6)

        proof = adds_up(figures([request])[request])

        assert proof is not None
        assert proof.is_equal

    def test_the_livelihood_increment_is_two_thirds(self) -> None:
        """F11：民生增量占比不低于三分之二。"""
        request = FigureRequest("expenditure.livelihood.increment_share", 2023, 6)

        assert round(figures([request])[request].value, 2) >= round(200 / 3, 2)


class TestTheBooksHold:
    """全部常设校验成立。"""

    def test_every_standing_check_passes(self) -> None:
        result = run_standing_checks()

        assert result.ok, "\n".join(result.lines())


class TestPeopleFindTheirWork:
    """业务日期停在2023年7月3日，每个岗位都有待办。"""

    def test_the_business_date_is_the_first_working_day_of_july(self) -> None:
        assert business_today() == date(2023, 7, 3)

    @pytest.mark.parametrize("username", ["zhangjianping", "chenjianguo", "zhoutao", "zhenghaibo"])
    def test_the_desk_is_not_empty(self, username: str) -> None:
        assert inbox.inbox(people.actor(username)).exists()

    def test_the_bank_refused_two_payments(self) -> None:
        assert Document.objects.filter(kind="treasury.payment", state="bank_refused").count() == 2

    def test_playing_again_changes_nothing(self) -> None:
        before = Document.objects.count()

        again = demo.load(through=THROUGH, progress=silent)

        assert again.chapters == 0
        assert Document.objects.count() == before
