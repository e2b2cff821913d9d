"""一般性支出口径：整份启用，分年有效，项目不得互相包含。"""

import pytest

from fisc.base.errors import BadInput
from fisc.domains.austerity import general_set, standing
from fisc.domains.austerity.general_set import SetRow

pytestmark = pytest.mark.django_db


def adopt(district, *rows, year=2024):
    return general_set.adopt_set(
        valid_from_year=year, rows=rows, basis="区财〔2023〕40号", actor=district.people["budget_reviewer"],
        at=district.at,
    )  # fmt: skip


def test_a_new_set_holds_from_its_year_on(district):
    adopt(district, SetRow("30201", "meeting", "办公费"))

    assert "30215" in {item.economic_prefix for item in general_set.items_of(2023)}
    assert {item.economic_prefix for item in general_set.items_of(2024)} == {"30201"}


def test_the_set_decides_what_counts(district):
    project = district.project(category="public")
    district.appropriate([{"project_id": project, "yuan": 7, "economic_code": "30201"}])
    unit = district.units["121001"].pk
    assert unit not in standing.general_by_unit(2023)

    adopt(district, SetRow("30201", "meeting", "办公费"), year=2023)

    assert standing.general_by_unit(2023)[unit].initial_fen == 7_00


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((), "空的"),
        ((SetRow("302", "travel", "商品和服务"), SetRow("30211", "travel", "差旅费")), "已包含在"),
        ((SetRow("会议", "meeting", "会议费"),), "数字编码"),
        ((SetRow("30215", "party", "会议费"),), "类别"),
    ],
)
def test_mistakes_are_said(district, rows, words):
    with pytest.raises(BadInput, match=words):
        adopt(district, *rows)
