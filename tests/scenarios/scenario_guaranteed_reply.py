"""从两上两下到批复：三保有一分缺口不得印发，需求核实后印发。"""

from __future__ import annotations

import pytest

from fisc.domains.guarantees import position as positions
from fisc.domains.guarantees import watch
from fisc.domains.guarantees.tests.test_need import approved
from fisc.domains.preparation.tests.conftest import Year
from fisc.domains.preparation.tests.conftest import year as year  # the fixture
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db


def collected(year: Year, yuan: float) -> int:
    """A budget with one 三保 line, approved by the congress; the reply waits to be issued."""
    project = year.district.project(guarantee_item="L01", title="义务教育生均经费")
    year.to_collected([year.row(project, yuan)])
    year.congress()
    return year.reply()


def test_a_gap_of_one_fen_stops_the_reply(year: Year) -> None:
    approved(year.district, ("L01", "121001", 300_00))
    reply = collected(year, 299.99)

    for stage in ("first", "reviewed", "second", "reply"):
        found = positions.by_key(positions.position(year=2023, stage=stage))
        assert (found["L01"].arranged_fen, found["L01"].gap_fen) == (299_99, 1)

    with pytest.raises(watch.ReplyLeavesGap, match=r"需求 300\.00 元，安排 299\.99 元，缺口 0\.01 元"):
        year.issue(reply)
    assert Document.objects.get(pk=reply).state == "approved"

    # 核实需求：学生少一人，需求降为 299.99 元，重新批准后批复印发
    approved(year.district, ("L01", "121001", 299_99))
    year.issue(reply)
    assert Document.objects.get(pk=reply).state == "issued"
