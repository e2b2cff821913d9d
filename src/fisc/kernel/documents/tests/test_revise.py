"""Drafts are corrected with an optimistic lock; only declared fields; the trail keeps old and new."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from fisc.kernel.documents.errors import (
    ChangedMeanwhile,
    DocumentNotFound,
    NotEditable,
    StepNotPermitted,
    UnknownField,
)
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.documents.tests.kit import AT, Slip, make_actor, make_slips, make_unit

pytestmark = pytest.mark.django_db


def change(slip, doc_id, actor, version=1, **values):
    return update_draft(kind=slip, id=doc_id, values=values, version=version, actor=actor, at=AT)


class TestChanging:
    """草稿可改：抬头与明细一并保存，留下前后值。"""

    def test_header_and_row(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)

        document = change(slip, doc_id, maker, amount_fen=250, payee="赵六")

        stored = Document.objects.get(pk=doc_id)
        assert (document.version, stored.version, stored.amount_fen) == (2, 2, 250)
        assert Slip.objects.get(pk=doc_id).payee == "赵六"
        with connection.cursor() as cursor:
            cursor.execute("SELECT detail::text FROM events_audit WHERE action LIKE '%%.edit'")
            (detail,) = cursor.fetchone()
        assert json.loads(detail)["changes"] == {"amount_fen": [100, 250], "payee": ["王五", "赵六"]}

    def test_the_section_follows_the_unit_when_a_module_changes_it(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        values = {"unit_id": make_unit("300", section="SB").pk}

        update_draft(kind=slip, id=doc_id, values=values, version=1, actor=maker, at=AT, by_module=True)

        assert Document.objects.get(pk=doc_id).section_code == "SB"


class TestRefused:
    """非草稿、版本不符、无权、不可见、非所列栏目，一律拒绝。"""

    def test_both_sides_of_the_version(self, slip, unit, maker, other):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        change(slip, doc_id, other, payee="甲")

        with pytest.raises(ChangedMeanwhile, match="用户other 09:30已修改此单"):
            change(slip, doc_id, maker, payee="乙")
        assert change(slip, doc_id, maker, version=2, payee="乙").version == 3

    def test_after_submission(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        perform(kind=slip, id=doc_id, step="submit", actor=maker, at=AT)

        with pytest.raises(NotEditable, match="已审核"):
            change(slip, doc_id, maker, version=2, payee="乙")

    def test_rights_and_visibility(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)

        with pytest.raises(StepNotPermitted):
            change(slip, doc_id, make_actor("reader", can=("testkit.slip.view",)), payee="乙")
        with pytest.raises(DocumentNotFound):
            change(slip, doc_id, make_actor("stranger", sees=[]), payee="乙")

    @pytest.mark.parametrize(
        "key", ["held", "state", "number", "maker_id", "document_id", "nobody", "note", "fund"]
    )
    def test_only_declared_fields(self, slip, unit, maker, key):
        (doc_id,) = make_slips(slip, unit, maker, 100)

        with pytest.raises(UnknownField):
            change(slip, doc_id, maker, **{key: 1})
