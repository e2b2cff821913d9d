"""The report's own pages: versions with the 生成 button, the report with its figures as links, comparison, files."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, NotAllowed
from fisc.domains.narrative import assembly, commands, services
from fisc.domains.narrative import template as templates
from fisc.domains.narrative.models import Report
from fisc.domains.narrative.services import BEIJING
from fisc.domains.narrative.verify import LABELS, Verification, verify_file
from fisc.domains.narrative.writer import Text
from fisc.kernel.metrics.spec import FIGURE_PATH
from fisc.kernel.orgs.actor import Actor
from fisc.web.components import Cell, Empty, Head, Option, Row, Table, link, state

VIEW, CREATE = "narrative.report.view", "narrative.report.create"
TONES = {"draft": ("草稿", "draft"), "issued": ("已印发", "done"), "voided": ("已作废", "wrong")}
CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
}
VERSIONS_SHOWN = 200
MAXIMUM_UPLOAD = 20 * 2**20


def index(request: HttpRequest) -> HttpResponse:
    """All versions of all reports, newest first; the form that writes another; the check of a file."""
    actor = _allowed(request, VIEW)
    reports = Report.objects.select_related("document", "document__maker").order_by("-pk")[:VERSIONS_SHOWN]
    checked = _verified(request) if request.method == "POST" else None
    year = request.look.year or request.now.year  # type: ignore[attr-defined]
    context = {
        "title": "工作报告",
        "table": _versions_table(list(reports)),
        "may_write": actor.can(CREATE),
        "templates": [Option(item.code, item.name) for item in assembly.templates().values()],
        "years": [Option(str(number), f"{number}年", number == year) for number in range(year - 2, year + 1)],
        "checked": checked,
        "labels": LABELS,
        "problems": _problems_table(checked) if checked and checked.problems else None,
    }
    return render(request, "narrative/index.html", context)


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Write a new version and open it."""
    actor = _allowed(request, CREATE)
    given = request.POST
    year = given.get("year", "")
    if not (year.isdigit() and 2000 <= int(year) <= 2999):
        raise BadInput("请选择报告的年度。")
    written = services.write_report(
        template=given.get("template", ""),
        year=int(year),
        actor=actor,
        at=request.now,  # type: ignore[attr-defined]
        masked=given.get("masked") == "1",
    )
    return HttpResponseRedirect(f"/narrative/{written.document_id}/")


def show(request: HttpRequest, document_id: int) -> HttpResponse:
    """One report: its text with every figure as a link, its proofs, its versions."""
    actor = _allowed(request, VIEW)
    report, text = services.read(document_id)
    wrong = services.differing(report, text) if request.GET.get("check") else None
    others = list(services.versions(template=text.template, year=text.year, month=text.month))
    context = {
        "title": text.title,
        "report": report,
        "text": text,
        "figure_path": FIGURE_PATH,
        "figures": {proof.proof_id: proof.figure_ids[0] for proof in text.proofs},
        "paragraphs": _paragraphs(text),
        "dated": _dated(report),
        "state": state(*TONES[report.document.state]),
        "proofs": _proofs_table(text),
        "known_at": text.known_at.astimezone(BEIJING),
        "others": [(item, item.known_at.astimezone(BEIJING)) for item in others if item.pk != report.pk],
        "wrong": wrong,
        "is_early": services.is_early(text),
        "may_write": actor.can(CREATE),
        "mask_name": templates.masks()[text.mask].name if text.mask else "内部稿（不遮盖）",
    }
    return render(request, "narrative/show.html", context)


def compare(request: HttpRequest, document_id: int, other_id: int) -> HttpResponse:
    """Two versions side by side: the figures that differ."""
    _allowed(request, VIEW)
    (new, after), (old, before) = services.read(document_id), services.read(other_id)
    rows = tuple(
        Row(
            (
                Cell(item.title, pin=True),
                Cell(_figure_link(item.before, item.before_figure)),
                Cell(_figure_link(item.after, item.after_figure)),
            )
        )
        for item in services.compare(before, after)
    )
    heads = (Head("指标", pin=True), Head(f"{old.document.number}"), Head(f"{new.document.number}"))
    empty = Empty("两个版本的数字完全相同", "正文由同一模板生成，没有不同之处", "equal")
    context = {
        "title": "版本比较",
        "new": new,
        "old": old,
        "table": Table("不同的数字", heads, rows, frame="tw plain", empty=empty),
    }
    return render(request, "narrative/compare.html", context)


def download(request: HttpRequest, document_id: int, suffix: str) -> HttpResponse:
    """The report as a file, made from the frozen text."""
    _allowed(request, VIEW)
    report, text = services.read(document_id)
    number = report.document.number
    content = commands.render(text, number=number, on=report.document.business_on, suffix=suffix)
    response = HttpResponse(content, content_type=CONTENT_TYPES[suffix])
    name = quote(commands.file_name(text, number, suffix))
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _allowed(request: HttpRequest, permission: str) -> Actor:
    """The actor. :raises NotAllowed: no right, or somebody who sees only some units (the figures are the district's)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.can(permission) or not actor.sees_everything:
        raise NotAllowed("您没有查看工作报告的权限。" if permission == VIEW else "您没有生成工作报告的权限。")
    return actor


def _verified(request: HttpRequest) -> Verification:
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > MAXIMUM_UPLOAD:
        raise BadInput("请选择要核验的报告文件（.docx 或 .pdf，不超过 20 MB）。")
    return verify_file(file.read(), filename=file.name or "报告")


def _dated(report: Report) -> str:
    on: date = report.document.business_on
    return f"{on.year}年{on.month}月{on.day}日"


def _paragraphs(text: Text) -> list[tuple[str, list[tuple[object, str]]]]:
    urls = {proof.proof_id: f"{FIGURE_PATH}{proof.figure_ids[0]}/" for proof in text.proofs}
    return [
        (paragraph.kind, [(run, urls.get(run.proof_id, "")) for run in paragraph.runs])
        for paragraph in text.paragraphs
    ]


def _figure_link(words: str, name: str) -> str:
    return link(words, f"{FIGURE_PATH}{name}/") if name else words


def _versions_table(reports: list[Report]) -> Table:
    rows = tuple(
        Row(
            (
                Cell(link(report.document.number, f"/narrative/{report.pk}/"), pin=True, css="m-no"),
                Cell(state(*TONES[report.document.state]), css="m-state"),
                Cell(report.document.title, css="m-main"),
                Cell(f"{report.year}年1－{report.month}月" if report.month > 1 else f"{report.year}年1月"),
                Cell(f"{report.known_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"),
                Cell(report.document.maker.name),
                Cell(format_html('<code title="{}">{}</code>', report.set_digest, report.set_digest[:12])),
            )
        )
        for report in reports
    )
    heads = (
        Head("单号", pin=True),
        Head("状态"),
        Head("标题"),
        Head("数据期间"),
        Head("数据截取时刻"),
        Head("生成人"),
        Head("数据组摘要"),
    )
    empty = Empty("还没有生成过工作报告", "选择报告和期间，点“生成”，数字由账上算出", "file-check")
    return Table("报告的各个版本", heads, rows, cards=True, frame="tw plain", empty=empty)


def _proofs_table(text: Text) -> Table:
    rows = tuple(
        Row(
            (
                Cell(format_html("<code>{}</code>", proof.proof_id), pin=True),
                Cell(_figure_link(proof.title, proof.figure_ids[0])),
                Cell(proof.phrase),
                Cell(proof.scope, css="cut", title=proof.scope),
                Cell(proof.formula_id),
                Cell(f"第{proof.version}版"),
                Cell(format_html('<code title="{}">{}</code>', proof.digest, proof.digest[:16])),
            )
        )
        for proof in text.proofs
    )
    heads = (
        Head("证明编号", pin=True),
        Head("指标"),
        Head("文中印作"),
        Head("口径"),
        Head("算式"),
        Head("版本"),
        Head("摘要（SM3）"),
    )
    return Table("数据证明", heads, rows, frame="tw plain")


def _problems_table(result: Verification) -> Table:
    rows = tuple(
        Row(
            (
                Cell(state(LABELS[item.kind], "wrong" if item.is_fault else "waiting"), pin=True),
                Cell(_figure_link(item.title, item.figure_id)),
                Cell(item.message),
                Cell(format_html("<code>{}</code>", item.proof_id)),
            )
        )
        for item in result.problems
    )
    heads = (Head("结论", pin=True), Head("指标"), Head("不符之处"), Head("证明编号"))
    return Table("核验结果", heads, rows, frame="tw plain")
