"""What a condition may say: everything else is refused with a sentence and a place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fisc.kernel.rules.errors import ConditionError
from fisc.kernel.rules.language import compile_condition
from fisc.kernel.rules.values import check_template, from_json, sentence, to_json

pytestmark = pytest.mark.django_db


def hits(text, view, **values):
    sql = compile_condition(text, view).sql(values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT document_id FROM {view} AS f WHERE coalesce({sql}, false) ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


class TestAdmitted:
    """视图的列、参数、比较、逻辑、四则运算和所列函数。"""

    @pytest.mark.parametrize(
        ("text", "values", "found"),
        [
            ("amount_fen > :limit_fen", {"limit_fen": 5_000_000}, [2]),
            ("amount_fen >= :limit_fen", {"limit_fen": 5_000_000}, [1, 2]),
            ("payee_kind = 'person' and not is_cash", {}, [1, 2]),
            ("is_cash", {}, [4]),
            ("contains_any(purpose, :words)", {"words": ["购物卡", "充值"]}, [3]),
            ("contains_any(purpose, :words)", {"words": []}, []),
            ("count_in(purpose, :words) >= 2", {"words": ["购物卡", "充值"]}, [3]),
            ("purpose ~ '购物|劳务'", {}, [1, 2, 3]),
            ("purpose is null", {}, [4]),
            ("purpose like '%卡%'", {}, [3]),
            ("amount_fen % 100 = 1", {}, [2]),
            ("paid_on >= :day", {"day": dt.date(2023, 7, 1)}, [2, 3, 4]),
            ("paid_on between date '2023-06-01' and :day", {"day": dt.date(2023, 7, 1)}, [1, 2]),
            ("extract(month from paid_on) = 6", {}, [1]),
            ("unit_id in (11, 12)", {}, [3, 4]),
            ("payee_kind = any(:kinds)", {"kinds": ["person"]}, [1, 2]),
            ("amount_fen between :share * 5000000 and 5000000", {"share": Decimal("0.95")}, [1]),
            ("amount_fen > -:floor", {"floor": 5}, [1, 2, 3, 4]),
            ("amount_fen > :floor", {"floor": -5}, [1, 2, 3, 4]),
            ("case when is_cash then amount_fen > 1 else false end", {}, [4]),
            ("coalesce(unit_total_fen, 0) = 0", {}, [2, 3]),
            ("length(trim(purpose)) < 4", {}, [1, 2]),
            ("amount_fen::text like '%0001'", {}, [2]),
        ],
    )
    def test_it(self, view, text, values, found):
        assert hits(text, view, **values) == found

    def test_division_is_exact_and_by_zero_no_hit(self, view):
        """除法不取整；除数为零视为不知，不命中，也不让整批停下。"""
        assert hits("amount_fen / unit_total_fen > 9.9", view) == [1, 4]
        assert hits("10 / 4 = 2.5", view) == [1, 2, 3, 4]

    def test_unknown_is_no_hit(self, view):
        assert hits("unit_total_fen < 1000", view) == [1, 2, 4]
        assert hits("not unit_total_fen < 1000", view) == []

    @given(word=st.text(max_size=20).filter(lambda text: "\x00" not in text))
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_no_text_breaks_out_of_its_quotes(self, view, word):
        try:
            word.encode()
        except UnicodeEncodeError:
            return
        assert hits("purpose = :word", view, word=word) in ([], [1, 2], [3])
        assert hits("contains_any(:word, :words)", view, word=word, words=[word]) == (
            [1, 2, 3, 4] if word else []
        )


REFUSED = [
    ("", "空的"),
    ("amount_fen", "应得出"),
    ("amount_fen + 1", "应得出"),
    ("amount_fen >", "不完整"),
    ("amount_fen > 1 and", "不完整"),
    ("purpose = 'x", "引号"),
    ("amont_fen > 1", "是否应为 amount_fen"),
    ("用途 = 'x'", "是否应为 purpose"),
    ("f.amount_fen = 1", "不要写表名"),
    ("xmin = 1", "没有“xmin”"),
    ("(select 1) = 1", "子查询"),
    ("amount_fen in (select 1)", "子查询"),
    ("exists(select 1)", "exists"),
    ("amount_fen; drop table orgs_user", "一个表达式"),
    ("amount_fen > 1 union select 1", "UNION"),
    ("sum(amount_fen) > 1", "汇总函数"),
    ("count(*) over () > 1", "窗口函数"),
    ("pg_sleep(10) is null", "pg_sleep"),
    ("pg_read_file('/etc/passwd') = ''", "pg_read_file"),
    ("current_setting('x') = 'y'", "current_setting"),
    ("set_config('a', 'b', true) = 'b'", "set_config"),
    ("lo_import('/etc/passwd') = 1", "lo_import"),
    ("current_user = 'x'", "current_user"),
    ("now() > paid_on", "current_timestamp"),
    ("purpose::date > paid_on", "文字不能转换"),
    ("purpose::regclass = 'x'", "REGCLASS"),
    ("purpose ~ payee_kind", "写定的文字"),
    ("purpose similar to 'x'", "SIMILAR"),
    ("purpose = E'a\\'b'", "转义文字"),
    ("amount_fen = $1", "参数写作"),
    ("amount_fen = ?", "参数写作"),
    ("contains_any(purpose)", "写法应为"),
    ("amount_fen > 1 " + "and amount_fen > 1 " * 400, "过长|过于复杂"),
]


class TestRefused:
    """其余写法一律拒绝，并指出位置。"""

    @pytest.mark.parametrize(("text", "said"), REFUSED, ids=[text[:30] for text, _ in REFUSED])
    def test_it(self, view, text, said):
        with pytest.raises(ConditionError, match=said):
            compile_condition(text, view)

    def test_the_place_is_named(self, view):
        with pytest.raises(ConditionError) as refused:
            compile_condition("is_cash and amont_fen > 1", view)

        assert (refused.value.start, refused.value.end) == (12, 21)
        assert "第 13 个字起：“amont_fen”" in refused.value.message

    def test_a_parameter_without_a_value(self, view):
        with pytest.raises(ConditionError, match=":limit_fen 没有值"):
            compile_condition("amount_fen > :limit_fen", view).sql({})

    def test_an_unknown_view(self, db):
        with pytest.raises(ConditionError, match="没有名为"):
            compile_condition("1 = 1", "v_nowhere")

    def test_comments_are_dropped(self, view):
        assert "--" not in compile_condition("is_cash -- x\n", view).sql({})


class TestValues:
    """参数存取不失真，提示语带数。"""

    @pytest.mark.parametrize(
        "value", [5, "x", True, Decimal("0.95"), dt.date(2023, 7, 1), ["购物卡", "充值"], [Decimal("1.5"), 2]]
    )
    def test_json_keeps_it(self, value):
        assert from_json(to_json(value)) == value

    def test_a_sentence_with_numbers(self):
        facts = {
            "amount_fen": 123_456_78,
            "share": Decimal("52.333"),
            "paid_on": dt.date(2023, 7, 1),
            "none": None,
        }

        text = sentence("{amount_fen:yuan}，{amount_fen:wan}，{share:percent}，{paid_on:date}，{none}", facts)

        assert text == "123,456.78 元，12.35 万元，52.33%，2023-07-01，无"

    @pytest.mark.parametrize("template", ["{secret}", "{a.__class__}", "{a!r}", "{a:>99999}", "{a", "{0}"])
    def test_a_template_names_known_things_only(self, template):
        with pytest.raises(ConditionError):
            check_template(template, known=frozenset({"a"}))
