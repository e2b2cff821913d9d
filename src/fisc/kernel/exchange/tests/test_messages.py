"""与银行往来的文件：发出的连号，收到的只收一次。"""

from datetime import date

import pytest

from fisc.base.errors import Conflict, NotFound
from fisc.kernel.exchange import messages
from fisc.kernel.exchange.tests.conftest import AT

pytestmark = pytest.mark.django_db
CHANNEL = "bank.payment"


def put(actor, content=b"1,2,3\n", **options):
    return messages.put_out(
        channel=CHANNEL, filename="ZF.csv", content=content, row_count=1, amount_fen=300, business_on=date(2023, 7, 3),
        actor=actor, at=AT, **options,
    )  # fmt: skip


class TestOut:
    """发出。"""

    def test_sequence_has_no_gaps_per_channel(self, ready):
        assert [put(ready, bytes([n])).sequence for n in range(65, 68)] == [1, 2, 3]
        assert messages.next_sequence("another") == 1

    def test_same_reference_gives_the_same_file(self, ready):
        first = put(ready, reference="QS-1")

        assert put(ready, reference="QS-1").pk == first.pk
        with pytest.raises(Conflict, match="业务号 QS-1 已经生成过内容不同的文件"):
            put(ready, b"9,9\n", reference="QS-1")

    def test_first_download_is_noted(self, ready):
        made = put(ready)

        found, content = messages.fetch_out(made.pk, channel=CHANNEL, actor=ready, at=AT)

        assert content == b"1,2,3\n" and found.fetched_at == AT
        with pytest.raises(NotFound):
            messages.fetch_out(made.pk, channel="another", actor=ready, at=AT)


class TestIn:
    """收到。"""

    def test_the_same_bytes_are_received_once(self, ready):
        out = put(ready)
        first = messages.take_in(
            channel=CHANNEL, filename="HD.csv", content=b"ok", actor=ready, at=AT, answers=out
        )
        messages.finish_in(first.file, result={"booked": 1})

        again = messages.take_in(channel=CHANNEL, filename="HD(1).csv", content=b"ok", actor=ready, at=AT)

        assert not first.seen_before and again.seen_before
        assert again.file.pk == first.file.pk and again.result == {"booked": 1}
        out.refresh_from_db()
        assert out.answered_at == AT
        assert len(messages.in_files(channel=CHANNEL)) == 1 and len(messages.out_files(channel=CHANNEL)) == 1

    def test_reference_used_for_other_bytes(self, ready):
        messages.take_in(channel=CHANNEL, filename="a", content=b"1", actor=ready, at=AT, reference="7")

        with pytest.raises(Conflict, match="序号 7 已经收到过内容不同的文件“a”"):
            messages.take_in(channel=CHANNEL, filename="b", content=b"2", actor=ready, at=AT, reference="7")
