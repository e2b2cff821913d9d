"""任意内容建任何一类单据：要么建成，要么一句话拒绝，从不出错。"""

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fisc.kernel.documents import kinds
from fisc.kernel.orgs.models import Unit

QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.lists(st.none(), max_size=1),
)


def value_of(field, ids):
    """Something that may well be right for the field."""
    amounts = st.one_of(st.integers(-(10**6), 10**12), st.sampled_from([0, 1, 2**63 - 1]))
    by_kind = {
        "amount": amounts,
        "date": st.dates().map(lambda day: day.isoformat()),
        "month": st.sampled_from([202301, 202306, 202312, 202401]),
        "unit": st.sampled_from(ids["unit"]),
        "document": st.sampled_from(ids["document"]),
        "project": st.sampled_from(ids["document"]),
        "bool": st.booleans(),
        "code": st.sampled_from(["general", "2050203", "30201", "1010101", "101", "x"]),
        "choice": st.sampled_from([str(value) for value, _ in field.choices] or ["x"]),
    }
    return by_kind.get(
        field.kind,
        st.one_of(st.text(max_size=12), st.sampled_from(["2023", "6222020200112233", "云财〔2023〕1号"])),
    )


@pytest.mark.django_db
def test_any_draft_of_any_kind(everything, slip):
    ids = {"unit": list(Unit.objects.values_list("id", flat=True)), "document": [slip(), 999_999]}
    statuses = set()
    for spec in kinds.installed():
        if spec.create is not None:
            statuses |= try_kind(everything, spec, ids)
    assert 400 in statuses


def try_kind(caller, spec, ids):
    """Likely, half likely and wild drafts of one kind; which statuses came."""
    fields = {field.key: field for field in spec.fields if field.editable}
    likely = st.fixed_dictionaries({key: value_of(field, ids) for key, field in fields.items()})
    wild = st.dictionaries(st.sampled_from([*fields, "title", "unit_id", "business_on"]), JUNK, max_size=6)
    mixed = st.tuples(likely, wild).map(lambda pair: {**pair[0], **pair[1]})
    statuses = set()

    @QUICK
    @given(st.one_of(likely, mixed, wild), st.booleans())
    def attempt(values, with_source):
        inside = transaction.savepoint()
        try:
            body = {
                "kind": spec.code,
                "values": values,
                "source_id": ids["document"][0] if with_source else None,
            }
            answer = caller("POST", "/documents", body)
            statuses.add(answer.status_code)
            assert answer.status_code in (201, 400, 403, 404, 409), (
                spec.code,
                values,
                answer.content.decode(),
            )
        finally:
            transaction.savepoint_rollback(inside)
            connection.set_rollback(False)

    attempt()
    return statuses
