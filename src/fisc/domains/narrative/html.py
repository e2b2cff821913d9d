"""The report as one HTML file: for reading and mailing inside the house; every figure links to its page."""

from __future__ import annotations

from datetime import date

from django.template.loader import render_to_string

from fisc.domains.narrative.pdf import figure_url
from fisc.domains.narrative.writer import Text


def to_html(text: Text, *, number: str, on: date, base_url: str) -> bytes:
    """This will write a whole HTML page without any outside reference."""
    urls = {proof.proof_id: figure_url(proof, base_url) for proof in text.proofs}
    paragraphs = [
        (paragraph.kind, [(run, urls.get(run.proof_id)) for run in paragraph.runs])
        for paragraph in text.paragraphs
    ]
    facts = {
        "text": text,
        "paragraphs": paragraphs,
        "number": number,
        "dated": f"{on.year}年{on.month}月{on.day}日",
    }
    return render_to_string("narrative/file.html", facts).encode()
