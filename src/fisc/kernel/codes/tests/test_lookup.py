"""Questions to the code lists."""

import pytest

from fisc.kernel import codes
from fisc.kernel.codes.models import Code

pytestmark = pytest.mark.django_db


class TestGetAndPath:
    """取码、取路径、取下级。"""

    def test_path_from_the_class_to_the_item(self):
        found = codes.path(kind="function", code="2050203", year=2023, fund="general")

        assert [code.code for code in found] == ["205", "20502", "2050203"]
        assert found[-1].label == "2050203 初中教育"

    def test_unknown_code_names_list_and_year(self):
        with pytest.raises(codes.UnknownCode, match=r"支出功能分类中没有编码“2990199”（2023年度）"):
            codes.get(kind="function", code="2990199", year=2023, fund="general")

    def test_same_code_in_two_funds(self):
        assert codes.find(kind="function", code="2050203", year=2023, fund="govfund") is None
        assert codes.find(kind="function", code="2050203", year=2023).fund == "general"
        assert codes.find(kind="function", code="2050203", year=2023, fund="unit").name == "初中教育"

    def test_children_of_the_top_and_of_a_class(self):
        top = codes.children(kind="revenue", parent="", year=2023, fund="general")

        assert [code.code for code in top][:2] == ["101", "103"]
        assert all(
            code.parent == "101"
            for code in codes.children(kind="revenue", parent="101", year=2023, fund="general")
        )

    def test_names_need_no_query_per_code(self, django_assert_max_num_queries):
        listed = [
            code.code
            for code in codes.search(kind="function", text="", year=2023, fund="general", limit=2000)
        ]
        with django_assert_max_num_queries(1):
            found = codes.names(kind="function", codes=[*listed, "nope"], year=2023, fund="general")

        assert len(found) == 1424


class TestSearch:
    """编码前缀、名称片段、拼音首字母都能查到。"""

    @pytest.mark.parametrize("text", ["2050203", "初中", "czjy", "２０５０２０３"])
    def test_finds_by_code_name_or_initials(self, text):
        found = codes.search(kind="function", text=text, year=2023, fund="general", leaf_only=True)

        assert found[0].code == "2050203"

    def test_prefix_gives_leaves_only_when_asked(self):
        both = codes.search(kind="function", text="20502", year=2023, fund="general")
        leaves = codes.search(kind="function", text="20502", year=2023, fund="general", leaf_only=True)

        assert both[0].code == "20502"
        assert "20502" not in [code.code for code in leaves]


class TestCheckMany:
    """成批校验：不存在、非末级、年度外，附最近的编码。"""

    def test_good_codes_leave_nothing(self, django_assert_max_num_queries):
        codes.check_many(kind="function", codes=["2050203"], year=2023, fund="general")
        with django_assert_max_num_queries(1):
            assert (
                codes.check_many(kind="function", codes=["2050203"] * 50_000, year=2023, fund="general") == {}
            )

    def test_heading_is_refused_with_its_leaves(self):
        problem = codes.check_many(kind="function", codes=["20502"], year=2023, fund="general")["20502"]

        assert problem.problem == "parent"
        assert "不是末级科目" in problem.message
        assert problem.suggestions[0].code.startswith("20502")
        assert (
            codes.check_many(kind="function", codes=["20502"], year=2023, fund="general", leaf_only=False)
            == {}
        )

    def test_unknown_has_a_near_code(self):
        problem = codes.check_many(kind="function", codes=["2050230"], year=2023, fund="general")["2050230"]

        assert problem.problem == "unknown"
        assert "2050203" in [code.code for code in problem.suggestions]

    def test_year_before_the_list(self):
        problem = codes.check_many(kind="function", codes=["2050203"], year=2017, fund="general")["2050203"]

        assert problem.problem == "expired"
        assert "2018—今年度" in problem.message


class TestCacheSeesChanges:
    """改码后各处立即看到。"""

    def test_a_change_in_the_database_is_seen_at_once(self):
        assert codes.get(kind="fund", code="unit", year=2023).name == "单位资金"

        Code.objects.filter(kind="fund", code="unit").update(name="单位自有资金")

        assert codes.get(kind="fund", code="unit", year=2023).name == "单位自有资金"
