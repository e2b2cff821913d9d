"""The report as PDF by typst, in the layout of the Word file, with a certificate of all its figures at the end.

Every figure is a link to its own page in the product; the link also names the proof.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fisc.base.money import format_fen
from fisc.domains.narrative import layout
from fisc.domains.narrative.manifest import manifest_of
from fisc.domains.narrative.writer import Proof, Run, Text
from fisc.kernel.metrics.figure import round_half_up
from fisc.kernel.metrics.spec import FIGURE_PATH
from fisc.kernel.reports.typeset import typeset

TEMPLATE = Path(__file__).with_name("report.typ")
BEIJING = ZoneInfo("Asia/Shanghai")
NUMBER_KEYWORD = "fisc-report:"
DIGEST_KEYWORD = "fisc-set:"
MANIFEST_KEYWORD = "fisc-manifest:"
HIDDEN = "＊"


def to_pdf(text: Text, *, number: str, on: date, base_url: str) -> bytes:
    """This will write the report as PDF/A-2b; `base_url` is the address of the product, without a closing slash."""
    return typeset(TEMPLATE, _data(text, number=number, on=on, base_url=base_url), at=text.known_at)


def figure_url(proof: Proof, base_url: str) -> str:
    """The address of the proof's (first) figure."""
    return f"{base_url}{FIGURE_PATH}{proof.figure_ids[0]}/?proof={proof.proof_id}"


def _data(text: Text, *, number: str, on: date, base_url: str) -> dict[str, Any]:
    urls = {proof.proof_id: figure_url(proof, base_url) for proof in text.proofs}
    manifest = manifest_of(text, number=number)
    return {
        "title": text.title,
        "signature": text.signature,
        "dated": f"{on.year}年{on.month}月{on.day}日",
        "number": number,
        "keywords": [
            NUMBER_KEYWORD + number,
            DIGEST_KEYWORD + text.set_digest,
            MANIFEST_KEYWORD + manifest.to_text(),
        ],
        "line_pt": layout.LINE_PT,
        "body_pt": layout.BODY_PT,
        "tracking_pt": round(layout.CHARACTER_PT - layout.BODY_PT, 3),
        "paragraphs": [
            {"kind": paragraph.kind, "runs": [_run(run, urls) for run in paragraph.runs]}
            for paragraph in text.paragraphs
        ],
        "facts": _facts(text, number),
        "proofs": [_proof(proof, text, urls) for proof in text.proofs],
        "note": (
            "准确值中金额单位为元，比率按定义未四舍五入前的数取六位小数；文中数字按四舍五入印出。"
            "每个数字可点击打开其指标页，逐级查到记账分录与凭证。核验：fisc report verify 文件名"
        ),
    }


def _run(run: Run, urls: dict[str, str]) -> dict[str, Any]:
    return {"text": run.text, "url": urls.get(run.proof_id)}


def _facts(text: Text, number: str) -> list[tuple[str, str]]:
    moment = text.known_at.astimezone(BEIJING)
    return [
        ("报告", f"{text.title}（{number}）"),
        ("数据期间", f"{text.year}年1月至{text.month}月"),
        ("数据截取时刻", f"{moment:%Y-%m-%d %H:%M:%S}（北京时间）"),
        ("句子模板", f"{text.template} 第{text.template_version}版"),
        ("数据组摘要（SM3）", text.set_digest),
    ]


def _proof(proof: Proof, text: Text, urls: dict[str, str]) -> dict[str, Any]:
    return {
        "proof_id": proof.proof_id,
        "title": proof.title,
        "scope": proof.scope + (f"（{proof.formula_id}）" if proof.formula_id else ""),
        "version": str(proof.version),
        "phrase": proof.phrase,
        # in a masked report no exact value at all: a growth's exact fraction betrays what is covered
        "value": HIDDEN if text.mask else "、".join(_value(value, proof) for value in proof.values),
        "digest": proof.digest,
        "url": urls[proof.proof_id],
    }


def _value(value: str | None, proof: Proof) -> str:
    if value is None:
        return "无数据"
    if proof.unit == "fen":
        return format_fen(int(value))
    return f"{round_half_up(Fraction(value), 0 if proof.unit == 'count' else 6):,f}"
