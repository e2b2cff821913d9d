"""Cards of a scenario's document page: the answer in a few figures, and the way to its own page."""

from __future__ import annotations

from fisc.domains.scenarios.models import Scenario
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Panel
from fisc.kernel.orgs.actor import Actor


def answer_panel(document: Document, actor: Actor) -> Panel | None:
    """What came out, and the link to the result page."""
    scenario = Scenario.objects.filter(pk=document.pk).only("result", "is_feasible").first()
    if scenario is None:
        return None
    summary = (scenario.result or {}).get("summary", "尚未计算。")
    return Panel(
        title="推演结果",
        kind="template",
        template="scenarios/panel.html",
        data={"summary": summary, "href": f"/scenarios/{document.pk}/"},
    )
