"""Formats, components, icons: what reaches the page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.html import escape

from fisc.base.errors import Refusal, Way
from fisc.web import components, formats, icons, ways
from fisc.web.look import read_look


class TestAmounts:
    def test_text_and_fen_go_out_together(self) -> None:
        html = formats.amount(-123_456, href="/doc/1/")

        assert html == '<a class="n neg" href="/doc/1/" data-fen="-123456">−1,234.56</a>'

    def test_documents_stay_in_yuan(self) -> None:
        html = formats.amount(123_456, unit="wan", fixed=True)

        assert "1,234.56" in html
        assert "data-fen" not in html

    @pytest.mark.parametrize(
        ("fen", "unit", "text"),
        [
            (0, "yuan", "0.00"),
            (123_456_789_012, "wan", "123,456.79"),
            (123_456_789_012, "yi", "12.3457"),
            (-500, "wan", "−0.00"[1:]),
            (5_000, "wan", "0.01"),
            (4_999, "wan", "0.00"),
        ],
    )
    def test_half_up_in_every_unit(self, fen: int, unit: formats.Unit, text: str) -> None:
        assert formats.amount_text(fen, unit) == text

    def test_nothing_is_empty_not_zero(self) -> None:
        assert formats.amount(None) == ""


def test_names_cannot_break_out_of_a_link() -> None:
    assert escape('"><script>') in components.link('"><script>', "/x/")
    assert "<script>" not in formats.amount(1, href='"><script>')


def test_time_progress_counts_days() -> None:
    assert formats.percent_text(formats.time_progress(date(2023, 6, 30))) == "49.6%"
    assert formats.percent_text(formats.time_progress(date(2023, 12, 31))) == "100.0%"


def test_waiting_is_said_in_the_largest_unit() -> None:
    now = datetime(2023, 7, 3, 12, tzinfo=UTC)

    assert formats.waiting_text(now - timedelta(minutes=59), now=now) == "59 分钟"
    assert formats.waiting_text(now - timedelta(hours=47), now=now) == "47 小时"
    assert formats.waiting_text(now - timedelta(days=3), now=now) == "3 天"


class TestIcons:
    def test_beside_a_word_it_is_silent(self) -> None:
        assert 'aria-hidden="true"' in icons.icon("inbox")

    def test_alone_it_speaks(self) -> None:
        assert 'role="img" aria-label="通过"' in icons.icon("circle-check", "通过")

    def test_an_unknown_name_draws_a_square_rather_than_break_the_page(self) -> None:
        assert "<rect" in icons.icon("no-such-icon")


class TestPager:
    def test_ends_and_neighbours_with_gaps(self) -> None:
        links = components.page_links(page=10, pages=26, query={"q": "学校"})

        assert [link.label for link in links] == ["1", "⋯", "8", "9", "10", "11", "12", "⋯", "26"]
        assert links[2].href == "?q=%E5%AD%A6%E6%A0%A1&page=8"

    def test_one_page_needs_no_pager(self) -> None:
        assert components.page_links(page=1, pages=1, query={}) == ()


def test_field_grid_rows_are_always_full() -> None:
    pairs = [components.Pair(str(n), "") for n in range(4)] + [components.Pair("摘要", "", 6)]

    assert [pair.span for pair in components.laid_out(pairs)] == [2, 2, 2, 6, 6]
    assert [pair.span for pair in components.laid_out(pairs[:2])] == [3, 3]
    assert [pair.span for pair in components.laid_out([components.Pair("", "", 4), *pairs[:2]])] == [4, 2, 6]


class TestWays:
    @pytest.mark.parametrize(
        ("way", "href"),
        [
            (Way("调剂", "new_document", {"kind": "budget.virement", "initial": {"source_id": 7}}), "/d/budget.virement/new/?source_id=7"),
            (Way("看指标", "document", {"id": 7}), "/doc/7/"),
            (Way("看列表", "list", {"kind": "treasury.payment", "query": {"tab": "draft"}}), "/d/treasury.payment/?tab=draft"),
            (Way("看台账", "/ledger/", {"book": "allotment"}), "/ledger/?book=allotment"),
        ],
    )  # fmt: skip
    def test_every_kind_of_way_is_an_address(self, way: Way, href: str) -> None:
        assert ways.way_href(way) == href

    def test_a_refusal_shows_its_numbers(self) -> None:
        view = ways.refusal_view(
            Refusal("指标不足。", available_fen=100, shortfall_fen=1, ways=[Way("追加", "/x/")])
        )

        assert ("可用余额", "1.00 元") in view.facts
        assert ("差额", "0.01 元") in view.facts
        assert view.ways[0].href == "/x/"


def test_strange_cookies_fall_back() -> None:
    look = read_look({"unit": "dollar", "theme": "<x>", "density": "", "year": "99999"})

    assert (look.unit, look.theme, look.density, look.year) == ("yuan", "auto", "std", None)
