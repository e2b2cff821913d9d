"""批量支付: one document, thousands of payees, one hold; what the bank could not pay goes back to the allotment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from fisc.base.errors import BadInput
from fisc.domains.treasury.models import BatchLine
from fisc.domains.treasury.services import BATCH, complete
from fisc.kernel.documents.create import create_many, insert_rows

if TYPE_CHECKING:
    from fisc.kernel.documents.spec import Draft
    from fisc.kernel.orgs.actor import Actor

LINE_KEYS = ("payee_name", "payee_account", "payee_bank", "amount_fen", "note")


def create_batches(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft batch payments with their payees (`row["lines"]`: mappings of LINE_KEYS).

    The header's amount becomes the sum of the lines.

    :raises BadInput: no payees, or a payee without name, account or amount; the message names the row.
    """
    lines_of = [[dict(line) for line in draft.row.get("lines") or ()] for draft in drafts]
    prepared = []
    for draft, lines in zip(drafts, lines_of, strict=True):
        _check_lines(draft, lines)
        row = {key: value for key, value in draft.row.items() if key != "lines"}
        prepared.append(
            replace(
                draft,
                amount_fen=sum(line["amount_fen"] for line in lines),
                counterparty=f"{lines[0]['payee_name']}等 {len(lines)} 人"
                if len(lines) > 1
                else lines[0]["payee_name"],
                row={**row, "line_count": len(lines)},
            )
        )
    with transaction.atomic():
        ids = create_many(kind=BATCH, drafts=complete(prepared), actor=actor, at=at)
        insert_rows(
            BatchLine,
            [
                {"batch_id": doc_id, "row_no": number, **{key: line[key] for key in LINE_KEYS if key in line}}
                for doc_id, lines in zip(ids, lines_of, strict=True)
                for number, line in enumerate(lines, 1)
            ],
        )
    return ids


def _check_lines(draft: Draft, lines: Sequence[Mapping[str, Any]]) -> None:
    if not lines:
        raise BadInput.of(
            "treasury.no_payees",
            "批量支付“{title}”没有收款人明细，请用“批量支付导入”上传名册。",
            title=draft.title,
        )
    for number, line in enumerate(lines, 1):
        if not line.get("payee_name") or not line.get("payee_account"):
            raise BadInput.of("treasury.payee", "第 {number} 行缺少收款人或账号。", number=number)
        if line["amount_fen"] <= 0:
            raise BadInput.of("treasury.payee_amount", "第 {number} 行的金额应大于零。", number=number)
