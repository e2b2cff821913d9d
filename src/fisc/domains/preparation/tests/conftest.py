"""A year's preparation in the small district, and short ways through its stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from fisc.domains.preparation import services
from fisc.domains.preparation.lines import Review
from fisc.domains.preparation.models import Line, Request
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform, perform_many

AT = dt.datetime(2023, 3, 1, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@dataclass
class Year:
    """One round (2023) and short ways to act in it; amounts in 元."""

    district: Any
    round_id: int
    at: dt.datetime = AT

    def actor(self, who: str) -> Any:
        return self.district.people[who]

    def unit(self, code: str = "121001") -> int:
        return int(self.district.units[code].pk)

    @property
    def state(self) -> str:
        return str(Document.objects.get(pk=self.round_id).state)

    def row(self, project_id: int, yuan: float, **facts: Any) -> dict[str, Any]:
        """One line's row."""
        return {
            "unit_id": self.unit(), "project_id": project_id, "fund": "general", "function_code": "2050203",
            "economic_code": "30213", "amount_fen": round(yuan * 100), **facts,
        }  # fmt: skip

    def enter(self, rows: Sequence[Mapping[str, Any]], stage: str = "first", who: str = "maker") -> Any:
        """Enter lines as the unit's maker."""
        return services.enter_lines(
            round_id=self.round_id, stage=stage, rows=rows, actor=self.actor(who), at=self.at
        )

    def send(self, stage: str = "first") -> None:
        """The unit sends its request and everybody approves."""
        for request in Request.objects.filter(round_id=self.round_id, stage=stage):
            self.district.step(request.pk, "submit", "maker")
            assert self.district.approve_on(request.pk).state == "approved"

    def line(self, project_id: int, **facts: Any) -> Line:
        return Line.objects.get(project_id=project_id, **facts)

    def review(self, *given: tuple[Line, float, str], who: str = "section") -> int:
        """Reviewed amounts of lines: (line, 元, reason)."""
        reviews = [Review(line.pk, round(yuan * 100), reason) for line, yuan, reason in given]
        return services.review_lines(
            round_id=self.round_id, reviews=reviews, actor=self.actor(who), at=self.at
        )

    def accept(self) -> int:
        return services.accept_rest(round_id=self.round_id, actor=self.actor("section"), at=self.at)

    def step(self, name: str, comment: str = "") -> Document:
        return perform(
            kind="preparation.round", id=self.round_id, step=name, actor=self.actor("budget_officer"), at=self.at,
            comment=comment,
        )  # fmt: skip

    def control(self, rows: Sequence[Mapping[str, Any]] | None = None) -> Document:
        """Draft the control figures and let everybody approve."""
        control_id = services.draft_control(
            round_id=self.round_id, actor=self.actor("budget_officer"), at=self.at, rows=rows
        )
        return self.district.approve(control_id)  # type: ignore[no-any-return]

    def to_second(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """一上 to 一下: asked, accepted as asked, control figures as reviewed."""
        self.enter(rows)
        self.send()
        self.accept()
        self.step("close_first")
        assert self.control().state == "issued"
        self.step("issue_controls")

    def to_collected(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """… to 二上 as controlled, collected."""
        self.to_second(rows)
        services.fill_second(round_id=self.round_id, actor=self.actor("maker"), at=self.at)
        self.send("second")
        self.step("collect")

    def congress(self, **facts: Any) -> None:
        services.record_approval(
            round_id=self.round_id,
            **{
                "on": self.at.date(), "number": "云人大〔2023〕2号", "actor": self.actor("budget_officer"), "at": self.at,
                **facts,
            },
        )  # fmt: skip

    def reply(self, **facts: Any) -> int:
        """A reply through its chain, ready to be issued."""
        reply_id = services.make_reply(
            round_id=self.round_id,
            **{
                "reference": "云财预〔2023〕1号", "actor": self.actor("budget_officer"), "at": self.at, **facts,
            },
        )  # fmt: skip
        assert self.district.approve(reply_id).state == "approved"
        return reply_id

    def issue(self, reply_id: int) -> None:
        perform(
            kind="preparation.reply",
            id=reply_id,
            step="issue",
            actor=self.actor("budget_officer"),
            at=self.at,
        )

    def steps(self, kind: str, ids: Sequence[int], step: str, who: str) -> Any:
        return perform_many(kind=kind, ids=ids, step=step, actor=self.actor(who), at=self.at)


@pytest.fixture
def year(district: Any) -> Year:
    """The round of 2023, open for 一上."""
    round_id = services.open_round(year=2023, actor=district.people["budget_officer"], at=AT)
    return Year(district, round_id)
