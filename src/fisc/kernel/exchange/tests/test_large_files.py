"""十万行：几秒内读完、校验完、写完，查询次数与行数无关。"""

import pytest

from fisc.kernel.exchange import run, upload
from fisc.kernel.exchange.tests.conftest import AT, HEADS, lines

pytestmark = pytest.mark.django_db
ROWS = 100_000


@pytest.fixture(scope="module")
def large() -> bytes:
    """A csv as fast to make as the test wants to be; xlsx reading is 1.7 s more."""
    rows = (
        f"区教育局,文{n},一般公共预算,2050203,30201,{n % 1000 + 1}.25,2023-05-{n % 28 + 1:02d}"
        for n in range(ROWS)
    )
    return "\n".join([",".join(HEADS), *rows]).encode()


def test_hundred_thousand_rows(ready, large, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        batch = upload.start(spec="test.line", content=large, filename="大.csv", actor=ready, at=AT)
        batch = run.validate(batch.pk, actor=ready, at=AT)
    assert batch.summary["good"] == ROWS and batch.summary["errors"] == 0
    run.commit(batch.pk, actor=ready, at=AT)

    assert len(lines()) == ROWS


def test_hundred_thousand_wrong_rows(ready, large, django_assert_max_num_queries):
    content = large.replace("区教育局".encode(), "某某单位".encode()).replace(b"2050203", b"9990203")
    batch = upload.start(spec="test.line", content=content, filename="大.csv", actor=ready, at=AT)

    with django_assert_max_num_queries(40):
        batch = run.validate(batch.pk, actor=ready, at=AT)

    assert batch.summary["bad"] == ROWS and batch.problems.count() == 2 * ROWS
