"""与同比例压减对照：会压到什么，F8 怎么算。"""

from __future__ import annotations

from decimal import Decimal

from fisc.domains.scenarios.comparison import breaches, flat_cut, reduction, shares
from fisc.domains.scenarios.lines import CutLine, Guards
from fisc.domains.scenarios.planner import Plan, Question, plan

GRADES = {"优": Decimal(5), "良": Decimal(10), "中": Decimal(20), "差": Decimal(100), "": Decimal(15)}
GUARDS = Guards(grade_percent=GRADES)
WAN = 1_000_000


def line(wan: int = 100, **facts):
    """A line of so many 万元."""
    facts = {"key": 1, "unit_id": 1, "title": "项目", "asked_fen": wan * WAN, **facts}
    return CutLine(base_fen=wan * WAN, **facts)


class TestAgainstAFlatCut:
    """同比例压减会压到什么。"""

    LINES = (
        line(guarantee_item="L01"), line(nature="rigid", key=2), line(flags=2, key=3), line(flags=4, key=4),
        line(contract_fen=95 * WAN, key=5), line(spent_fen=95 * WAN, key=6), line(grade="优", key=7), line(grade="差", key=8),
    )  # fmt: skip

    def test_what_breaks(self):
        flat = flat_cut(self.LINES, 80 * WAN)

        assert flat == [10 * WAN] * 8
        found = {
            item.guard: (item.lines, item.amount_fen // WAN) for item in breaches(self.LINES, flat, GUARDS)
        }
        assert found == {
            "guarantee": (1, 10), "rigid": (1, 10), "upper": (1, 10), "bond": (1, 10), "contract": (1, 5),
            "spent": (1, 5), "grade": (1, 5),
        }  # fmt: skip

    def test_the_plan_breaks_nothing(self):
        found = plan(self.LINES, Question(target_fen=80 * WAN, guards=GUARDS, weigh=lambda item: 100))

        assert isinstance(found, Plan)
        cuts = [item.cut_fen for item in found.planned]
        assert sum(cuts) == 80 * WAN
        assert sum(item.lines for item in breaches(self.LINES, cuts, GUARDS)) == 0

    def test_f8_counts_what_is_neither_priority_nor_rigid_nor_guaranteed(self):
        lines = [line(asked_fen=120 * WAN), line(nature="priority", key=2), line(guarantee_item="W01", key=3)]

        found = reduction(lines, [14 * WAN, 10 * WAN, 0])

        assert (found.asked_fen, found.cut_fen, found.added_fen) == (120 * WAN, 34 * WAN, 0)
        assert found.rate_bp == 2833

    def test_f8_never_nets_an_addition(self):
        lines = [line(asked_fen=90 * WAN), line(key=2)]

        found = reduction(lines, [0, 20 * WAN])

        assert (found.cut_fen, found.added_fen) == (20 * WAN, 10 * WAN)

    def test_shares_by_unit(self):
        lines = [line(), line(unit_id=2, key=2)]

        found = shares(lines, [True, False], [5, 0], [3, 2], lambda item: item.unit_id)

        assert [(item.key, item.cut_fen, item.flat_fen, item.open_fen) for item in found] == [
            (1, 5, 3, 100 * WAN),
            (2, 0, 2, 0),
        ]
