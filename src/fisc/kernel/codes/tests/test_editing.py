"""Codes changed by people: by fiscal year, never in use, each act in the audit trail."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput, NotAllowed
from fisc.kernel import codes
from fisc.kernel.codes import editing
from fisc.kernel.codes.editing import CodeDraft, CodeInUse, CodeOverlaps
from fisc.kernel.codes.models import Code

pytestmark = pytest.mark.django_db
AT = datetime(2023, 7, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """Anybody with these rights."""

    permissions: tuple[str, ...] = ("codes.edit",)
    user_id: int = 1
    name: str = "李某"
    ip: str = ""

    def can(self, permission):
        return permission in self.permissions


EDITOR = Person()


def function(code):
    return Code.objects.get(kind="function", fund="general", code=code)


def draft(**changes):
    values = {
        "kind": "function",
        "fund": "general",
        "code": "2050298",
        "name": "其他教育",
        "valid_from_year": 2023,
    }
    return CodeDraft(**{**values, "parent": "20502", **changes})


class TestCodeInUse:
    """已使用的编码不能改变含义：服务给出办法，数据库拒绝。"""

    @pytest.fixture
    def used(self):
        codes.mark_used(kind="function", codes=["2050203", "2050203"], year=2023, fund="general")
        return function("2050203")

    def test_an_unused_name_can_be_mended(self):
        row = editing.rename(code_id=function("2050203").pk, name="初级中学教育", actor=EDITOR, at=AT)

        assert codes.get(kind="function", code="2050203", year=2023, fund="general").name == row.name

    def test_a_used_one_not(self, used):
        with pytest.raises(CodeInUse, match="2050203 在 2023 年度已被使用"):
            editing.rename(code_id=used.pk, name="别的意思", actor=EDITOR, at=AT)

    @pytest.mark.parametrize(
        "change",
        [
            {"name": "别的意思"},
            {"parent": "20503"},
            {"code": "2050297"},
            {"kind": "revenue"},
            {"fund": "govfund"},
            {"level": 2},
            {"attributes": {"counted": "yes"}},
            {"valid_from_year": 2024},
            {"valid_to_year": 2022},
        ],
    )
    def test_the_database_refuses_every_change_of_meaning(self, used, change):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            Code.objects.filter(pk=used.pk).update(**change)

        assert error.value.__cause__.diag.constraint_name == "codes_code_in_use_keeps_meaning"

    def test_and_deletion(self, used):
        with pytest.raises(IntegrityError), transaction.atomic():
            used.delete()

    def test_what_is_known_of_it_may_be_bettered(self, used):
        editing.annotate(
            code_id=used.pk, note="已核", evidence="官方2024版", confidence="verified", actor=EDITOR, at=AT
        )

        assert codes.get(kind="function", code="2050203", year=2023, fund="general").note == "已核"

    def test_it_may_end_with_the_year_of_use_not_before(self, used):
        with pytest.raises(CodeInUse):
            editing.end_version(code_id=used.pk, last_year=2022, actor=EDITOR, at=AT)
        editing.end_version(code_id=used.pk, last_year=2023, actor=EDITOR, at=AT)

        assert codes.find(kind="function", code="2050203", year=2024, fund="general") is None

    def test_a_new_meaning_begins_after_the_years_of_use(self, used):
        with pytest.raises(CodeInUse):
            editing.add_version(draft=draft(code="2050203", name="新义"), actor=EDITOR, at=AT)
        editing.add_version(
            draft=draft(code="2050203", name="新义", valid_from_year=2024), actor=EDITOR, at=AT
        )

        by_year = {
            y: codes.get(kind="function", code="2050203", year=y, fund="general").name for y in (2023, 2024)
        }
        assert by_year == {2023: "初中教育", 2024: "新义"}

    def test_a_used_leaf_gets_no_children_a_used_heading_does(self, used):
        child = draft(code="205020301", parent="2050203")
        with pytest.raises(BadInput, match="位数字"):
            editing.add_version(draft=child, actor=EDITOR, at=AT)
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            Code.objects.create(
                kind="function",
                fund="general",
                code="205020301",
                name="x",
                parent="2050203",
                valid_from_year=2023,
            )
        assert error.value.__cause__.diag.constraint_name == "codes_code_used_leaf_stays_leaf"

        codes.mark_used(kind="function", codes=["20502"], year=2023, fund="general")
        editing.add_version(draft=draft(), actor=EDITOR, at=AT)
        assert codes.get(kind="function", code="2050298", year=2023, fund="general").level == 3

    def test_marks_stay(self, used):
        with (
            pytest.raises(IntegrityError, match="不能修改或删除"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM codes_usage")
        assert codes.is_used(kind="function", code="2050203", fund="general", year=2023)
        assert not codes.is_used(kind="function", code="2050203", fund="general", year=2022)


class TestNewVersions:
    """新代码要有上级、位数、年度；同一年度不能有两个含义。"""

    def test_a_second_meaning_in_the_same_years_is_refused(self):
        with pytest.raises(CodeOverlaps):
            editing.add_version(draft=draft(code="2050203", valid_from_year=2018), actor=EDITOR, at=AT)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"name": " "}, "不能为空"),
            ({"fund": ""}, "资金性质"),
            ({"parent": "29999"}, "上级编码 29999"),
            ({"code": "20502"[:4]}, "位数字"),
            ({"code": "2060298"}, "以上级编码 20502 开头"),
            ({"valid_to_year": 2022}, "年度有误"),
            ({"kind": "nothing"}, "没有这张代码表"),
        ],
    )
    def test_bad_drafts_are_named(self, changes, message):
        with pytest.raises(BadInput, match=message):
            editing.add_version(draft=draft(**changes), actor=EDITOR, at=AT)

    def test_permission_is_asked(self):
        with pytest.raises(NotAllowed):
            editing.add_version(draft=draft(), actor=Person(permissions=("codes.view",)), at=AT)

    def test_every_act_is_in_the_trail(self):
        row = editing.add_version(draft=draft(), actor=EDITOR, at=AT)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT action, actor_name, detail->>'code' FROM events_audit WHERE object_kind = 'codes.function'"
                " AND object_id = %s",
                [str(row.pk)],
            )
            assert cursor.fetchall() == [("codes.add_version", "李某", "2050298")]


class TestOldToNew:
    """年度结转：旧码对新码，可连续多年。"""

    def test_chains_over_years(self):
        for code in ("2050296", "2050297"):
            editing.add_version(draft=draft(code=code), actor=EDITOR, at=AT)
        values = {"kind": "function", "fund": "general", "actor": EDITOR, "at": AT}
        editing.map_code(old_code="2050203", new_code="2050296", from_year=2023, **values)
        editing.map_code(old_code="2050296", new_code="2050297", from_year=2024, **values)

        def carried(year):
            return codes.translate(
                kind="function", codes=["2050203", "2050201"], from_year=2022, to_year=year, fund="general"
            )

        assert carried(2022) == {"2050203": "2050203", "2050201": "2050201"}
        assert carried(2023)["2050203"] == "2050296"
        assert carried(2024) == {"2050203": "2050297", "2050201": "2050201"}

    def test_both_ends_must_exist(self):
        with pytest.raises(BadInput, match="2023年度没有编码 2999999"):
            editing.map_code(
                kind="function",
                fund="general",
                old_code="2050203",
                new_code="2999999",
                from_year=2023,
                actor=EDITOR,
                at=AT,
            )
