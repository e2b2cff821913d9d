"""A figure's name in an address: round trip, and what is no name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fisc.kernel.metrics.figure_id import BadFigureId, decode, encode, url
from fisc.kernel.metrics.spec import FigureRequest

codes = st.from_regex(r"\A[0-9]{3,9}\Z")
moments = st.integers(0, 4 * 10**15).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


@given(
    st.builds(
        FigureRequest,
        metric=st.sampled_from(["revenue.total", "cash.balance", "revenue.tax.share_change"]),
        year=st.integers(1949, 2999),
        month=st.integers(1, 12),
        unit_ids=st.none() | st.lists(st.integers(1, 400), max_size=40).map(tuple),
        function=st.none() | codes,
        revenue=st.none() | codes,
        fund=st.none() | st.sampled_from(["general", "govfund"]),
        economic=st.none() | codes,
        project_id=st.none() | st.integers(1, 10**12),
        only_month=st.booleans(),
        allotment_id=st.none() | st.integers(1, 10**12),
        as_known_on=st.none() | moments,
    )
)
def test_comes_back(request: FigureRequest) -> None:
    assert decode(encode(request)) == request


def test_is_readable() -> None:
    request = FigureRequest(
        metric="allotment.paid", year=2023, month=6, function="205", unit_ids=(9, 3, 8, 7)
    )

    assert encode(request) == "allotment.paid~202306~fn205~u3.7-9"
    assert url(request) == "/figures/allotment.paid~202306~fn205~u3.7-9/"


def test_moment_is_the_same_in_any_zone() -> None:
    moment = datetime(2023, 7, 3, 9, tzinfo=timezone(timedelta(hours=8)))

    assert (
        decode(encode(FigureRequest(metric="a", year=2023, month=6, as_known_on=moment))).as_known_on
        == moment
    )


@pytest.mark.parametrize(
    "text",
    ["", "revenue.total", "revenue.total~2023", "revenue.total~202313", "x'; DROP~202306", "a~202306~zz1",
     "a~202306~fn2'5", "a~202306~u1.x", "a~202306~k2023", "a~202306~p"],
)  # fmt: skip
def test_not_a_name(text: str) -> None:
    with pytest.raises(BadFigureId):
        decode(text)
