"""The text of the report against the published one, to the character; wording at the borders."""

from copy import deepcopy
from dataclasses import replace
from fractions import Fraction

import pytest

from fisc.domains.narrative import template as templates
from fisc.domains.narrative.assembly import assemble
from fisc.domains.narrative.template import BadTemplate, Slot
from fisc.domains.narrative.tests import seed
from fisc.domains.narrative.tests.figures import AMOUNTS, KNOWN_AT, amount, figure, figures
from fisc.domains.narrative.wording import phrase
from fisc.domains.narrative.writer import Place, Text, text_from_json, write
from fisc.kernel.metrics.figure import Figure

PLACE = Place(region="云屿区", bureau="区财政局")


def frame() -> templates.Template:
    """The report without what other modules add to it."""
    return assemble(templates.frames()["half-year"], ())


def half_year(*, masked: bool, amounts: dict = AMOUNTS, salt: str = "盐") -> Text:
    item = frame()
    return write(
        item,
        {(code, 0): found for code, found in figures(item.metrics, amounts).items()},
        year=2023,
        month=6,
        place=PLACE,
        known_at=KNOWN_AT,
        salt=salt,
        mask=templates.masks()["publication"] if masked else None,
    )


def slot(form: str, **settings: object) -> Slot:
    return templates._slot("t", "s", {"metric": "revenue.total", "form": form, **settings})


def rate_figure(value: Fraction | None, *, of: str = "revenue.total.growth") -> Figure:
    return replace(figure(of), value=value)


class TestSeed:
    """遮盖稿与公开稿逐字一致"""

    def test_masked_text_equals_the_published_one(self) -> None:
        text = half_year(masked=True)

        assert [p.text for p in text.paragraphs[2:4]] == list(seed.PARAGRAPHS)

    def test_heading_and_title(self) -> None:
        text = half_year(masked=True)

        assert text.paragraphs[1].kind == "heading1"
        assert text.paragraphs[1].text == "一、上半年财政工作情况"
        assert text.title == "区财政局2023年上半年财政工作情况"

    def test_unmasked_text_prints_the_amounts(self) -> None:
        text = half_year(masked=False).paragraphs[2].text

        assert text.startswith("1－6月，全区财政总收入实现162000万元，同比增长22.5％，完成年度任务的58.8％。")
        assert "*" not in text

    def test_one_more_fen_than_half_changes_the_print(self) -> None:
        more = deepcopy(AMOUNTS)
        more[2023]["expenditure.livelihood"] = 126_750 * seed.WAN

        assert "民生支出12.68亿元" in half_year(masked=False, amounts=more).paragraphs[3].text
        more[2023]["expenditure.livelihood"] -= 1
        assert "民生支出12.67亿元" in half_year(masked=False, amounts=more).paragraphs[3].text


class TestMissing:
    """没有数据就说没有，不编数"""

    def test_no_receipts_and_no_tasks(self) -> None:
        none = {2023: {"revenue.tax": 5 * seed.WAN}, 2022: {}}

        text = half_year(masked=False, amounts=none).paragraphs[2].text

        assert "全区财政总收入暂无数据，上年同期无可比数据，年度任务尚未录入。" in text
        assert "税收收入5万元，上年同期无可比数据，年度任务尚未录入" in text
        assert "税收收入占一般公共预算收入比重暂无法计算，上年同期无可比数据。" in text

    def test_base_not_positive_prints_the_increase_only(self) -> None:
        """F1: 上年同期为零或负数的，只写增减额"""
        zero = deepcopy(AMOUNTS)
        zero[2022]["revenue.nontax"] = -3 * seed.WAN

        text = half_year(masked=False, amounts=zero).paragraphs[2].text

        assert "非税收入47670万元，同比增加4.77亿元，完成" in text

    def test_missing_phrase_still_has_its_proof(self) -> None:
        text = half_year(masked=False, amounts={2023: {}, 2022: {}})

        assert len(text.proofs) == 18
        assert all(proof.number == "" for proof in text.proofs)


class TestWords:
    """用词随正负变化，按印出的数判断"""

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (Fraction(225, 10), "同比增长22.5％"),
            (Fraction(58), "同比增长58％"),
            (Fraction(-78, 10), "同比下降7.8％"),
            (Fraction(0), "同比持平"),
            (Fraction(4, 100), "同比基本持平"),
            (Fraction(5, 100), "同比增长0.1％"),
            (Fraction(-49, 1000), "同比基本持平"),
            (Fraction(-5, 100), "同比下降0.1％"),
            (Fraction(2245, 100), "同比增长22.5％"),
            (Fraction(224499999, 10_000_000), "同比增长22.4％"),
            (Fraction(-100), "同比下降100％"),
        ],
    )
    def test_growth(self, value: Fraction, words: str) -> None:
        assert phrase(slot("change"), (rate_figure(value),), masked=False).text == words

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (Fraction(1328, 100), "比上年同期提高13.28个百分点"),
            (Fraction(-15, 10), "比上年同期下降1.5个百分点"),
            (Fraction(0), "与上年同期持平"),
            (Fraction(1, 1000), "与上年同期基本持平"),
        ],
    )
    def test_points(self, value: Fraction, words: str) -> None:
        figure_of = rate_figure(value, of="revenue.tax.share_change")

        assert phrase(slot("points"), (figure_of,), masked=False).text == words

    @pytest.mark.parametrize(
        ("fen", "unit", "words"),
        [
            (126_700 * seed.WAN, "auto", "12.67亿元"),
            (10_000 * seed.WAN - 1, "auto", "10000万元"),
            (10_000 * seed.WAN, "auto", "1亿元"),
            (162_000 * seed.WAN + 499_999, "wan", "162000万元"),
            (162_000 * seed.WAN + 500_000, "wan", "162001万元"),
            (-3 * seed.WAN, "wan", "−3万元"),
            (0, "wan", "0万元"),
            (126_000 * seed.WAN, "yi", "12.6亿元"),
        ],
    )
    def test_amounts(self, fen: int, unit: str, words: str) -> None:
        assert phrase(slot("amount", unit=unit), (amount("revenue.total", fen),), masked=False).text == words

    def test_masked_number_keeps_its_words(self) -> None:
        written = phrase(
            slot("amount", unit="wan", words="实现{}"), (amount("revenue.total", 7),), masked=True
        )

        assert (written.text, written.number) == ("实现*万元", "*")

    def test_respectively(self) -> None:
        pair = (rate_figure(Fraction(58)), rate_figure(Fraction(-78, 10)))

        assert phrase(slot("respectively"), pair, masked=False).text == "分别为58％、−7.8％"
        assert phrase(slot("respectively"), (pair[0], rate_figure(None)), masked=False).is_missing


class TestProofs:
    """每个数字都有证明，整组可核"""

    def test_every_number_has_one(self) -> None:
        text = half_year(masked=False)
        proven = {proof.proof_id for proof in text.proofs}

        runs = [run for paragraph in text.paragraphs for run in paragraph.runs if run.slot]

        assert len(runs) == 18 and {run.proof_id for run in runs} == proven
        assert all(run.before + run.number + run.after == run.text for run in runs)

    def test_set_digest_changes_with_one_fen(self) -> None:
        more = deepcopy(AMOUNTS)
        more[2022]["revenue.tax"] += 1

        assert half_year(masked=False).set_digest != half_year(masked=False, amounts=more).set_digest

    def test_digest_is_salted(self) -> None:
        assert half_year(masked=True).set_digest != half_year(masked=True, salt="另").set_digest

    def test_public_proofs_hold_no_values_and_the_same_set_digest(self) -> None:
        text = half_year(masked=True)
        public = replace(text, proofs=tuple(proof.public() for proof in text.proofs))

        assert public.set_digest == text.set_digest
        assert str(seed.TAX) not in str(public.to_json())

    def test_frozen_text_comes_back(self) -> None:
        text = half_year(masked=True)

        assert text_from_json(text.to_json()) == text


class TestTemplate:
    """模板自查"""

    def test_hole_without_slot(self) -> None:
        with pytest.raises(BadTemplate, match="total"):
            templates.parse(
                'code="x"\nname="x"\ntitle="x"\nversion=1\nmonth=6\n[[block]]\nkind="body"\ntext="{total}"'
            )

    def test_unknown_metric_is_named(self) -> None:
        item = frame()

        assert templates.unknown_metrics(item, set(item.metrics)) == []
        assert templates.unknown_metrics(item, set(item.metrics) - {"revenue.tax"}) == ["revenue.tax"]
