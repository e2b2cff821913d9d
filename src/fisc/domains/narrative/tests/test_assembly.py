"""Sentences that modules add: numbered by what is there, left out where nobody speaks, claims decided exactly."""

from dataclasses import replace
from fractions import Fraction

import pytest

from fisc.domains.narrative import template as templates
from fisc.domains.narrative.assembly import assemble, outline_text
from fisc.domains.narrative.template import Addition, BadTemplate, Piece, parse_addition
from fisc.domains.narrative.tests.figures import figure
from fisc.domains.narrative.wording import phrase

FRAME = templates.frames()["half-year"]
SENTENCES = """
report = "half-year"
version = 3

[[piece]]
outline = "people"
part = 30
order = 1
text = "民生支出{amount}。"

[slot.amount]
metric = "expenditure.livelihood"
form = "amount"
unit = "yi"
cover = true
"""


def piece(outline: str, part: int, order: int, text: str) -> Piece:
    return Piece(outline=outline, part=part, order=order, text=text)


def adding(*pieces: Piece) -> Addition:
    return Addition(report="half-year", version=1, pieces=pieces, slots={})


class TestOutlines:
    """一是、二是、三是按实有的句子编号。"""

    def test_parts_are_numbered_by_what_is_there(self) -> None:
        text = outline_text(
            [piece("people", 30, 1, "丙。"), piece("people", 10, 2, "乙。"), piece("people", 10, 1, "甲。")]
        )

        assert text == "一是甲。乙。二是丙。"

    def test_a_single_part_is_not_numbered(self) -> None:
        assert outline_text([piece("people", 30, 1, "丙。")]) == "丙。"

    def test_headings_are_numbered_by_what_stands_under_them(self) -> None:
        item = assemble(FRAME, [adding(piece("reform", 1, 1, "丁。")), adding(piece("income", 1, 1, "乙。"))])

        headings = [block.text for block in item.blocks if block.kind == "heading2"]
        assert headings == [
            "（一）挖掘增收潜力，稳步助推重大项目建设",
            "（二）深化改革创新，提升财政国资管理水平",
        ]

    def test_chapters_of_the_annual_report_are_numbered_too(self) -> None:
        annual = templates.frames()["annual"]
        pieces = (piece("supervision", 1, 1, "丙。"), piece("resources", 1, 1, "甲。"))

        item = assemble(annual, [Addition(report="annual", version=1, pieces=pieces, slots={})])

        headings = [block.text for block in item.blocks if block.kind == "heading1"]
        assert [text[:2] for text in headings] == ["一、", "二、"]
        assert headings[0].endswith("优化结构保支出")

    def test_nobody_speaks_nothing_is_printed(self) -> None:
        item = assemble(FRAME, [])

        assert [block for block in item.blocks if block.kind == "heading2" or not block.text] == []


class TestAdditions:
    """模块写的句子和报告的框架合成一份模板。"""

    def test_versions_add_up(self) -> None:
        addition = parse_addition(SENTENCES, source="t")

        assert assemble(FRAME, [addition]).version == FRAME.version + 3

    def test_a_sentence_of_another_report_stays_out(self) -> None:
        other = replace(parse_addition(SENTENCES, source="t"), report="annual")

        assert assemble(FRAME, [other]) == assemble(FRAME, [])

    def test_two_slots_of_one_name_are_refused(self) -> None:
        addition = parse_addition(SENTENCES, source="t")

        with pytest.raises(BadTemplate, match="amount 定义了两次"):
            assemble(FRAME, [addition, addition])

    def test_an_unknown_outline_is_refused(self) -> None:
        with pytest.raises(BadTemplate, match="没有名为 nowhere 的段落"):
            assemble(FRAME, [adding(piece("nowhere", 1, 1, "甲。"))])


class TestClaims:
    """“三分之二以上”由准确值决定，不由印出来的数决定。"""

    SLOT = templates._slot(
        "t",
        "s",
        {
            "metric": "revenue.total.growth",
            "form": "reached",
            "at": "200/3",
            "reached": "三分之二以上",
            "below": "占{}",
        },
    )

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (Fraction(200, 3), "三分之二以上"),
            (Fraction(200, 3) - Fraction(1, 10**9), "占66.7％"),
            (Fraction(70), "三分之二以上"),
        ],
    )
    def test_both_sides_of_two_thirds(self, value: Fraction, text: str) -> None:
        found = replace(figure("revenue.total.growth"), value=value)

        assert phrase(self.SLOT, (found,), masked=False).text == text

    def test_a_count_of_yuan(self) -> None:
        slot = templates._slot(
            "t", "s", {"metric": "revenue.total.growth", "form": "count", "words": "普调{}元"}
        )

        assert (
            phrase(slot, (replace(figure("revenue.total.growth"), value=50),), masked=False).text
            == "普调50元"
        )

    def test_a_count_of_none_has_its_own_words(self) -> None:
        settings = {
            "metric": "revenue.total.growth",
            "form": "count",
            "words": "普调{}元",
            "flat": "标准未调整",
        }
        slot = templates._slot("t", "s", settings)

        assert (
            phrase(slot, (replace(figure("revenue.total.growth"), value=0),), masked=False).text
            == "标准未调整"
        )
