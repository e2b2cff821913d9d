"""紧日子：追加要有来源和平衡措施；三公和一般性支出不得超过额度和限额，一分之差见分晓。"""

from decimal import Decimal

import pytest

from fisc.base.errors import BadInput
from fisc.domains.austerity import services, watch
from fisc.domains.austerity.items import RECEPTION
from fisc.domains.austerity.services import CapRow
from fisc.domains.austerity.tests.test_ceilings import approved
from fisc.kernel.documents.errors import RuleBlocks
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.fetch import figure
from fisc.kernel.metrics.spec import FigureRequest

pytestmark = pytest.mark.django_db


def caps(district, yuan, year=2023):
    doc_id = services.draft_caps(
        year=year, rate_percent=Decimal(5), basis="区政府常务会", actor=district.people["budget_officer"],
        at=district.at, rows=[CapRow(district.units["121001"].pk, yuan * 100)],
    )  # fmt: skip
    assert district.approve(doc_id).state == "approved"
    return doc_id


def supplement(district, allotment, fen, **facts):
    facts = {"funding": "本级财力", "reason": "需要", "reference": "会议纪要〔2023〕3号", **facts}
    doc_id = district.create("budget.supplement", allotment_id=allotment, amount_fen=fen, **facts)
    district.step(doc_id, "submit", "budget_officer")
    return Document.objects.get(pk=doc_id)


class TestSourceAndOffset:
    """每笔追加须有来源，并有平衡措施或领导批示；上级资金不在此列。"""

    @pytest.mark.parametrize(
        "facts",
        [
            {"reference": "", "funding": "上级转移支付"},
            {"reference": "", "funding": "债券转贷资金"},
            {"reference": "区长批示〔2023〕7号", "funding": "预备费"},
        ],
    )
    def test_allowed(self, district, facts):
        assert supplement(district, district.allotment(1_000), 1_00, **facts).state == "in_review"

    def test_refused_without_offset_and_note(self, district):
        with pytest.raises(watch.NoOffset, match="平衡措施"):
            supplement(district, district.allotment(1_000), 1_00, reference="")

    def test_refused_without_source(self, district):
        with pytest.raises(watch.NoSource):
            supplement(district, district.allotment(1_000), 1_00, funding="")


class TestThreePublicLock:
    """三公追加、调剂后不得超过分项和总额。"""

    def test_to_the_fen_and_one_fen_over(self, district):
        approved(district, ("121001", 1_000, 0, None))
        allotment = district.allotment(900, category="public", economic_code=RECEPTION)

        assert supplement(district, allotment, 100_00).state == "in_review"
        with pytest.raises(
            watch.OverCeiling, match=r"额度 1,000\.00 元，本次后为 1,000\.01 元，超出 0\.01 元"
        ):
            supplement(district, allotment, 100_01)

    def test_the_total_is_named_too(self, district):
        approved(district, ("121001", 1_000, 1_000, 1_500))
        district.allotment(600, category="public", economic_code="30231")
        allotment = district.allotment(900, category="public", economic_code=RECEPTION)

        with pytest.raises(watch.OverCeiling, match="三公总额额度") as refused:
            supplement(district, allotment, 1)
        assert refused.value.facts["limit_fen"] == 1_500_00

    def test_units_without_a_ceiling_are_not_controlled(self, district):
        approved(district, ("121002", 1_000, 0, None))
        allotment = district.allotment(900, category="public", economic_code=RECEPTION)

        assert supplement(district, allotment, 500_00).state == "in_review"

    def test_two_supplements_that_each_fit_do_not_fit_together(self, district):
        approved(district, ("121001", 1_000, 0, None))
        allotment = district.allotment(900, category="public", economic_code=RECEPTION)
        first = supplement(district, allotment, 60_00)
        second = supplement(district, allotment, 60_00)

        assert district.approve_on(first.pk).state == "approved"
        assert district.approve_on(second.pk).state == "in_review"


class TestCaps:
    """一般性支出限额 = 上年年初预算 ×（1 − 压减比例）；追加后不得超过。"""

    def test_to_the_fen_and_one_fen_over(self, district):
        caps(district, 1_000)
        allotment = district.allotment(900, category="public", economic_code="30215")

        assert supplement(district, allotment, 100_00).state == "in_review"
        with pytest.raises(watch.OverCap, match=r"限额 1,000\.00 元，本次后为 1,000\.01 元，超出 0\.01 元"):
            supplement(district, allotment, 100_01)

    def test_other_items_are_not_capped(self, district):
        caps(district, 1)
        allotment = district.allotment(900, category="public", economic_code="30201")

        assert supplement(district, allotment, 100_00).state == "in_review"

    def test_a_new_version_takes_the_place_of_the_old_one(self, district):
        first, second = caps(district, 1_000), caps(district, 800)

        assert Document.objects.get(pk=first).state == "replaced"
        assert Document.objects.get(pk=second).state == "approved"

    def test_the_rate_cuts_last_years_budget(self, district):
        project = district.project(category="public")
        district.appropriate([{"project_id": project, "yuan": 1, "economic_code": "30215"}])

        (row,) = services.caps_from_last_year(year=2024, rate_percent=Decimal("0.5"))

        assert (row.base_fen, row.cap_fen) == (100, 99)  # 99.5 is rounded down

    @pytest.mark.parametrize("rate", ["-0.01", "100.01", "五"])
    def test_a_rate_is_between_none_and_all(self, district, rate):
        with pytest.raises(BadInput, match="压减比例"):
            services.draft_caps(
                year=2023,
                rate_percent=rate,
                basis="文",
                actor=district.people["budget_officer"],
                at=district.at,
            )

    def test_cut_rate_and_supplement_rate(self, district):
        project = district.project(category="public")
        district.appropriate([{"project_id": project, "yuan": 900, "economic_code": "30215"}])
        allotment = district.allotment(100, category="public", economic_code="30201")
        doc = supplement(district, allotment, 50_00)
        assert district.approve_on(doc.pk).state == "approved"

        def value(metric):
            return figure(FigureRequest(metric=metric, year=2023, month=12)).value

        assert value("austerity.general.budget") == 900_00
        assert value("budget.supplement.rate") == 5
        assert value("austerity.general.cut_rate") is None


class TestReceptions:
    """公务接待：无公函不予接待；陪餐十人以内不超过三人，超过十人不超过三分之一。"""

    def register(self, district, **facts):
        facts = {
            "letter_no": "海财函〔2023〕5号",
            "letter_from": "市财政局",
            "guests": 5,
            "escorts": 3,
            **facts,
        }
        doc_id = district.create("austerity.reception", "maker", amount_fen=500_00, **facts)
        return district.step(doc_id, "submit", "maker")

    @pytest.mark.parametrize(("guests", "escorts"), [(1, 3), (10, 3), (11, 3), (12, 4), (30, 10)])
    def test_allowed(self, district, guests, escorts):
        assert self.register(district, guests=guests, escorts=escorts).state == "in_review"

    @pytest.mark.parametrize(("guests", "escorts"), [(1, 4), (10, 4), (11, 4), (12, 5), (30, 11)])
    def test_one_more_is_refused(self, district, guests, escorts):
        with pytest.raises(RuleBlocks, match="陪餐不得超过"):
            self.register(district, guests=guests, escorts=escorts)

    def test_without_a_letter_refused(self, district):
        with pytest.raises(RuleBlocks, match="没有公函"):
            self.register(district, letter_no=" ")

    def test_somebody_was_received(self, district):
        with pytest.raises(BadInput, match="来宾人数"):
            self.register(district, guests=0)
