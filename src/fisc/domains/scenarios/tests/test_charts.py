"""推演台的图：文字可读、可断言；首个缺口日有标记。"""

from __future__ import annotations

from datetime import date, timedelta

from fisc.domains.scenarios.charts import Bar, Line, cash_chart, paired_bars

WAN = 1_000_000


class TestPairedBars:
    def test_the_longest_bar_fills_the_room_and_the_sentence_names_both(self):
        svg = paired_bars(
            [Bar("区教育局", 200 * WAN, 100 * WAN), Bar("区民政局", 50 * WAN, 60 * WAN)], title="各单位压减额"
        )

        assert 'class="d1" x="26.00%" y="4" width="60.00%"' in svg
        assert 'class="d2" x="26.00%" y="17" width="30.00%"' in svg
        assert "区教育局 推演 200.00、同比例 100.00" in svg
        assert "style" not in svg

    def test_long_names_are_cut_in_the_label_but_whole_in_the_tip(self):
        svg = paired_bars([Bar("区住房和城乡建设管理局", WAN, WAN)], title="")

        assert ">区住房和城乡建设…<" in svg
        assert 'data-tip="区住房和城乡建设管理局|' in svg

    def test_names_are_escaped(self):
        assert "<b>" not in paired_bars([Bar("<b>", 1, 1)], title="<b>")

    def test_nothing_to_draw(self):
        assert 'role="img"' in paired_bars([], title="空")


class TestCash:
    DAYS = tuple(date(2023, 7, 1) + timedelta(days=n) for n in range(62))

    def test_below_zero_there_is_a_zero_line_and_a_mark(self):
        falling = tuple((31 - n) * 100 * WAN for n in range(62))

        svg = cash_chart(
            self.DAYS,
            [Line("有冲击", "l1", falling)],
            marks=[(date(2023, 8, 2), "首个缺口日 2023-08-02")],
            title="库款",
        )

        assert svg.count('class="base"') == 1 and 'class="l1"' in svg
        assert "首个缺口日 2023-08-02</text>" in svg
        assert "7月</text>" in svg and "8月</text>" in svg
        assert "期末 −3,000.00 万元" in svg or "期末 −0.30 亿元" in svg

    def test_a_mark_outside_the_horizon_is_left_out(self):
        svg = cash_chart(self.DAYS, [Line("", "l1", (0,) * 62)], marks=[(date(2024, 1, 1), "缺口")], title="")

        assert ">缺口</text>" not in svg
