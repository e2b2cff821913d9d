"""二下批复 → 预算批复: drafted once, line by line, for many lines in few statements; 追加 tells what it raised."""

import pytest
from django.db import connection

from fisc.domains.budget import replies, services
from fisc.domains.budget.models import Adjustment, AppropriationLine
from fisc.kernel import events
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db

COLUMNS = (
    "fiscal_year int, line_id bigint, unit_id bigint, project_id bigint, fund text, function_code text, "
    "economic_code text, flags int, reply_fen bigint"
)


@pytest.fixture
def reply(district):
    """A reply with lines as the published view of the preparation shows them."""
    project = district.project(total_yuan=1_000_000)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE v_preparation_line ({COLUMNS}) ON COMMIT DROP")

    def made(*fens: int | None, fiscal_year: int = 2023) -> Document:
        unit = district.units["121001"].pk
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO v_preparation_line VALUES (%s, %s, %s, %s, 'general', '2050203', '30213', 1, %s)",
                [(fiscal_year, number, unit, project, fen) for number, fen in enumerate(fens, 1)],
            )
        # any document of the bureau stands for the reply: the subscriber looks at its header only
        return Document.objects.get(pk=project)

    return made


def issued(reply: Document, district) -> events.Event:
    return events.Event(
        id=1,
        name="preparation.reply.issued",
        at=district.at,
        document_id=reply.pk,
        payload={"document_id": reply.pk, "fiscal_year": 2023, "reference": "区财预〔2023〕1号"},
    )


class TestReply:
    """批复生成预算批复草稿。"""

    def test_the_lines_with_money_in_their_order(self, district, reply):
        header = reply(300_00, 0, None, 100_01)

        replies.draft_from_reply(issued(header, district))

        drafted = Document.objects.get(kind=services.APPROPRIATION)
        lines = AppropriationLine.objects.filter(appropriation_id=drafted.pk).order_by("row_no")
        assert (drafted.state, drafted.source_id, drafted.amount_fen) == ("draft", header.pk, 400_01)
        assert [line.amount_fen for line in lines] == [300_00, 100_01]
        assert {line.flags for line in lines} == {1}

    def test_a_second_time_changes_nothing(self, district, reply):
        event = issued(reply(100), district)

        replies.draft_from_reply(event)
        replies.draft_from_reply(event)

        assert Document.objects.filter(kind=services.APPROPRIATION).count() == 1

    def test_drafted_anew_when_the_first_was_voided(self, district, reply):
        event = issued(reply(100), district)
        replies.draft_from_reply(event)
        first = Document.objects.get(kind=services.APPROPRIATION)
        district.step(first.pk, "void", "budget_officer", comment="重做")

        replies.draft_from_reply(event)

        assert Document.objects.filter(kind=services.APPROPRIATION, state="draft").count() == 1

    def test_other_years_stay_out(self, district, reply):
        replies.draft_from_reply(issued(reply(100, fiscal_year=2022), district))

        assert not Document.objects.filter(kind=services.APPROPRIATION).exists()

    def test_it_takes_the_normal_chain(self, district, reply):
        replies.draft_from_reply(issued(reply(300_00, 100_00), district))
        drafted = Document.objects.get(kind=services.APPROPRIATION)

        assert district.approve(drafted.pk).state == "approved"

    def test_statements_do_not_grow_with_the_lines(self, district, reply, django_assert_max_num_queries):
        event = issued(reply(*[100] * 2_000), district)

        with django_assert_max_num_queries(40):
            replies.draft_from_reply(event)

        assert AppropriationLine.objects.count() == 2_000


class TestSupplementEvent:
    """追加生效：告诉其他模块追加到哪一条指标、哪个项目、哪个科目。"""

    def test_the_payload(self, district):
        allotment = district.allotment(yuan=1_000)
        doc_id = district.create(
            "budget.supplement", allotment_id=allotment, amount_fen=1, funding="上级补助", reason="新增任务"
        )
        district.approve(doc_id)

        heard = []
        events.deliver({"budget.supplement.approved": [heard.append]}, at=district.at)

        row = Adjustment.objects.get()
        (event,) = heard
        assert event.payload["allotment_id"] == row.allotment_id == allotment
        assert event.payload["economic_code"] == "30213"
        assert (event.payload["fiscal_year"], event.payload["amount_fen"]) == (2023, 1)
        assert event.payload["project_id"]
