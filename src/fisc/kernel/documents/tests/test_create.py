"""Documents are made with numbers that have no gaps, and only through the door."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.errors import StepNotPermitted
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.tests import kit
from fisc.kernel.documents.tests.kit import AT, Slip, draft, make_actor, make_slips, make_unit

pytestmark = pytest.mark.django_db


class TestNumbers:
    """单号按种类、年度连续编排，不得断号。"""

    def test_they_run_from_one_per_year(self, slip, unit, maker):
        drafts = [draft(unit, 1), draft(unit, 2, year=2022), draft(unit, 3)]

        ids = create_many(kind=slip, drafts=drafts, actor=maker, at=AT)

        numbers = dict(Document.objects.filter(pk__in=ids).values_list("amount_fen", "number"))
        assert numbers == {1: "BT2023-000001", 2: "BT2022-000001", 3: "BT2023-000002"}
        assert [Document.objects.get(pk=i).amount_fen for i in ids] == [1, 2, 3]

    def test_a_failed_creation_leaves_no_gap(self, slip, unit, maker):
        with pytest.raises(IntegrityError), transaction.atomic():
            create_many(
                kind=slip, drafts=[draft(unit), kit.Draft(unit.pk, 2023, kit.DAY, "", 1)], actor=maker, at=AT
            )

        ids = make_slips(slip, unit, maker, 5)

        assert Document.objects.get(pk=ids[0]).number == "BT2023-000001"

    def test_more_than_a_copy_batch_keeps_the_order(self, slip, unit, maker):
        ids = make_slips(slip, unit, maker, *range(1, 501))

        rows = Document.objects.filter(pk__in=ids).order_by("number").values_list("pk", "amount_fen")
        assert [pk for pk, _ in rows] == ids
        assert [amount for _, amount in rows] == list(range(1, 501))
        assert Slip.objects.filter(pk__in=ids, payee="王五").count() == 500

    def test_the_number_of_queries_does_not_grow(self, slip, unit, maker):
        counts = []
        for size in (20, 400):
            with CaptureQueriesContext(connection) as queries:
                make_slips(slip, unit, maker, *range(1, size + 1))
            counts.append(len(queries))

        assert counts[0] == counts[1]


class TestHeader:
    """单据抬头：归口股室取自单位，标签、来源照给。"""

    def test_the_section_is_the_units(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 5, tags=("直达", '带"引号,逗号'))

        document = Document.objects.get(pk=doc_id)
        assert document.section_code == "XZ"
        assert document.tags == ["直达", '带"引号,逗号']
        assert (document.state, document.version, document.maker_id) == ("draft", 1, maker.user_id)

    def test_a_row_with_an_unknown_column_is_an_error(self, slip, unit, maker):
        with pytest.raises(TypeError, match="no column 'wrong'"):
            wrong = kit.Draft(unit.pk, 2023, kit.DAY, "x", 1, row={"wrong": 1})
            create_many(kind=slip, drafts=[wrong], actor=maker, at=AT)

    def test_there_is_an_audit_row(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 5)

        with connection.cursor() as cursor:
            cursor.execute("SELECT action, actor_id FROM events_audit WHERE document_id = %s", [doc_id])
            assert cursor.fetchall() == [("testkit.slip.create", maker.user_id)]


class TestRights:
    """无制单权限或看不到该单位的，不能制单。"""

    def test_without_the_permission(self, slip, unit):
        reader = make_actor("reader", can=("testkit.slip.view",))

        with pytest.raises(StepNotPermitted):
            make_slips(slip, unit, reader, 5)

    def test_for_a_unit_one_does_not_see(self, slip, unit):
        stranger = make_actor("stranger", sees=[make_unit("999")])

        with pytest.raises(StepNotPermitted):
            make_slips(slip, unit, stranger, 5)


class TestOnlyByItsDoors:
    """状态、金额、单号只能经办理步骤变更；已编号的单据不得删除。"""

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "paid"},
            {"amount_fen": 1},
            {"number": "BT2023-999999"},
            {"maker_id": 1},
            {"fiscal_year": 2022},
        ],
    )
    def test_an_update_past_the_door_is_refused(self, slip, unit, maker, change):
        (doc_id,) = make_slips(slip, unit, maker, 5)

        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Document.objects.filter(pk=doc_id).update(**change)

        assert refused.value.__cause__.diag.constraint_name == "documents_document_only_by_its_doors"

    def test_what_is_neither_may_change(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 5)

        assert Document.objects.filter(pk=doc_id).update(tags=["x"]) == 1

    def test_an_insert_past_the_door_is_refused(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 5)
        document = Document.objects.get(pk=doc_id)
        document.pk, document.number, document.state = None, "BT2023-000002", "paid"

        with pytest.raises(IntegrityError), transaction.atomic():
            document.save(force_insert=True)

    def test_a_delete_is_refused(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 5)

        with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM documents_document WHERE id = %s", [doc_id])

        assert refused.value.__cause__.diag.constraint_name == "documents_document_never_deleted"
