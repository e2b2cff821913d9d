"""Cards of the report's document page: the text, and the proven figures."""

from fisc.domains.narrative.models import Report
from fisc.domains.narrative.writer import text_from_json
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Panel
from fisc.kernel.orgs.actor import Actor


def text_panel(document: Document, actor: Actor) -> Panel | None:
    """The report's text, every figure a link."""
    report = Report.objects.filter(pk=document.pk).first()
    if report is None:
        return None
    return Panel(
        title="正文",
        kind="template",
        template="narrative/panel_text.html",
        data={"text": text_from_json(report.text), "report_id": document.pk},
    )


def figures_panel(document: Document, actor: Actor) -> Panel | None:
    """The proofs as a table."""
    rows = Report.objects.filter(pk=document.pk).values_list("text", flat=True).first()
    if rows is None:
        return None
    text = text_from_json(rows)
    return Panel(
        title=f"数据证明（{len(text.proofs)} 个数字）",
        kind="table",
        head=("证明编号", "指标", "文中印作", "口径版本"),
        rows=tuple((proof.proof_id, proof.title, proof.phrase, proof.version) for proof in text.proofs),
    )
