"""All rules of a view in one query; findings with version, facts and numbers; answers; back-test; standing checks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fisc.kernel.rules import rulebook, standing
from fisc.kernel.rules.backtest import backtest
from fisc.kernel.rules.check import check, check_with, store
from fisc.kernel.rules.commands import CheckReport
from fisc.kernel.rules.editing import RuleDraft, add_version, exempt, retire, set_parameter
from fisc.kernel.rules.errors import AlreadyJudged, AnswerEmpty, ConditionError, RuleFileError, RuleNotFound
from fisc.kernel.rules.findings import answer, findings_of, judge, statistics
from fisc.kernel.rules.load import install_rules, read_rules
from fisc.kernel.rules.models import Rule, StandingRun, StoredFinding
from fisc.kernel.rules.spec import Invariant
from fisc.kernel.rules.tests.conftest import AT, DAY

pytestmark = pytest.mark.django_db


def make(view, actor, code="T1", condition="amount_fen > :limit_fen", severity="warn", **more):
    parameters = more.pop("parameters", {"limit_fen": 5_000_000})
    for key, value in parameters.items():
        set_parameter(
            rule_code=code, key=key, value=value, valid_from=dt.date(2000, 1, 1), actor=actor, at=AT
        )
    message = more.pop("message", "本笔 {amount_fen:yuan}，超过 {limit_fen:yuan}" if parameters else "命中")
    draft = RuleDraft(
        code=code, title=f"规则{code}", stage="before", severity=severity, view=view, condition=condition,
        message=message, **more,
    )  # fmt: skip
    return add_version(draft, actor=actor, at=AT)


def ask(view, *ids, on=DAY):
    return [(f.subject_id, f.rule.code) for f in check(view=view, ids=ids, stage="before", at=on)]


class TestCheck:
    """一次查询问遍全部规则。"""

    def test_both_sides_of_the_border(self, view, actor):
        make(view, actor)

        found = check(view=view, ids=[1, 2], stage="before", at=DAY)

        assert [(f.subject_id, f.message) for f in found] == [(2, "本笔 50,000.01 元，超过 50,000.00 元")]
        assert found[0].facts["payee_kind"] == "person"
        assert found[0].rule.version == 1

    def test_one_query_for_many_rules_and_rows(self, view, actor):
        for number in range(12):
            make(view, actor, code=f"T{number:02}", condition=f"amount_fen > {number}", parameters={})
        ask(view, 1)

        with CaptureQueriesContext(connection) as queries:
            found = ask(view, 1, 2, 3, 4)

        assert len(queries) == 1
        assert len(found) == 48

    def test_blocking_first(self, view, actor):
        make(view, actor, code="A", condition="is_cash", severity="hint", parameters={})
        make(view, actor, code="B", condition="is_cash", severity="block", parameters={})
        make(view, actor, code="C", condition="is_cash", severity="warn", parameters={})

        assert ask(view, 4) == [(4, "B"), (4, "C"), (4, "A")]

    def test_other_stages_and_subjects_are_left_alone(self, view, actor):
        make(view, actor)

        assert check(view=view, ids=[2], stage="after", at=DAY) == []
        assert ask(view, 1) == []
        assert ask(view) == []

    def test_a_percent_sign_survives_the_driver(self, view, actor):
        make(view, actor, condition="purpose like '%卡%' and amount_fen % 7 = 2", parameters={})

        assert ask(view, 1, 2, 3, 4) == [(3, "T1")]

    def test_an_edit_is_seen_at_once(self, view, actor):
        make(view, actor)
        assert ask(view, 1, 2) == [(2, "T1")]

        make(view, actor, condition="amount_fen >= :limit_fen")
        assert ask(view, 1, 2) == [(1, "T1"), (2, "T1")]

        retire(code="T1")
        assert ask(view, 1, 2) == []

    def test_a_rolled_back_edit_is_forgotten(self, view, actor):
        make(view, actor)
        sid = transaction.savepoint()
        make(view, actor, condition="amount_fen >= :limit_fen")
        assert len(ask(view, 1, 2)) == 2
        transaction.savepoint_rollback(sid)

        assert ask(view, 1, 2) == [(2, "T1")]


class TestDates:
    """参数、豁免按日期生效。"""

    def test_a_parameter_from_a_day_on(self, view, actor):
        make(view, actor)
        set_parameter(
            rule_code="T1", key="limit_fen", value=50, valid_from=dt.date(2023, 7, 1), actor=actor, at=AT
        )

        assert ask(view, 1, on=dt.date(2023, 6, 30)) == []
        assert ask(view, 1, on=dt.date(2023, 7, 1)) == [(1, "T1")]

    def test_an_exemption_for_a_time(self, view, actor):
        make(view, actor)
        exempt(
            rule_code="T1",
            condition="unit_id = 10",
            reason="专项工作",
            valid_from=DAY,
            valid_to=DAY,
            actor=actor,
            at=AT,
        )

        assert ask(view, 2, on=DAY - dt.timedelta(days=1)) == [(2, "T1")]
        assert ask(view, 2, on=DAY) == []
        assert ask(view, 2, on=DAY + dt.timedelta(days=1)) == [(2, "T1")]

    def test_an_exemption_is_checked_like_a_condition(self, view, actor):
        make(view, actor)
        with pytest.raises(ConditionError):
            exempt(
                rule_code="T1",
                condition="nobody",
                reason="x",
                valid_from=DAY,
                valid_to=None,
                actor=actor,
                at=AT,
            )
        with pytest.raises(RuleNotFound):
            exempt(
                rule_code="XX",
                condition="is_cash",
                reason="x",
                valid_from=DAY,
                valid_to=None,
                actor=actor,
                at=AT,
            )


class TestVersions:
    """改规则即立新版，旧版不得改写；类型不符在保存时就指出。"""

    def test_numbers_go_up(self, view, actor):
        make(view, actor)
        second = make(view, actor, condition="amount_fen > 1")

        assert second.version == 2
        assert list(Rule.objects.filter(code="T1").order_by("version").values_list("state", flat=True)) == [
            "retired",
            "active",
        ]

    def test_a_version_in_force_is_not_rewritten(self, view, actor):
        make(view, actor)
        with pytest.raises(IntegrityError, match="不得改写"), transaction.atomic():
            Rule.objects.filter(code="T1").update(condition="1 = 1")

    @pytest.mark.parametrize(
        ("condition", "said"),
        [
            ("amount_fen > purpose", "不能这样比较"),
            ("paid_on > 5", "不能这样比较"),
            ("amount_fen = 'abc'", "不是所要求的数字"),
            ("purpose ~ '('", "模式写法不对"),
            ("paid_on > '2023-13-45'", "日期"),
        ],
    )
    def test_types_are_judged_when_saving(self, view, actor, condition, said):
        with pytest.raises(ConditionError, match=said):
            make(view, actor, condition=condition, parameters={})
        assert not Rule.objects.filter(code="T1").exists()

    def test_a_message_with_an_unknown_name(self, view, actor):
        with pytest.raises(ConditionError, match="不是视图的列"):
            make(view, actor, message="{nobody}")


class TestFindings:
    """疑点留存：版本、事实、说明、复核。"""

    def keep(self, view, *ids, answers=None, actor=None):
        found = check(view=view, ids=ids, stage="before", at=DAY)
        return store(found, view=view, stage="before", ids=ids, at=AT, answers=answers, actor=actor)

    def test_it_is_kept_once_and_closed_when_it_no_longer_holds(self, view, actor):
        make(view, actor)
        self.keep(view, 1, 2)
        self.keep(view, 1, 2)
        assert StoredFinding.objects.count() == 1

        with connection.cursor() as cursor:
            cursor.execute("UPDATE rulekit_payment SET amount_fen = 1 WHERE id = 2")
        self.keep(view, 1, 2)

        assert not StoredFinding.objects.get().is_open

    def test_an_answer_stays_while_the_finding_says_the_same(self, view, actor):
        make(view, actor)
        self.keep(view, 2, answers={"T1": "合同约定一次付清"}, actor=actor)

        again = self.keep(view, 2)
        assert again[0].answer == "合同约定一次付清"

        with connection.cursor() as cursor:
            cursor.execute("UPDATE rulekit_payment SET amount_fen = 9000000 WHERE id = 2")
        changed = self.keep(view, 2)
        assert changed[0].answer == ""
        assert "90,000.00" in changed[0].message

    def test_answering_and_judging(self, view, actor):
        make(view, actor)
        (finding,) = self.keep(view, 2)

        with pytest.raises(AnswerEmpty):
            answer(finding_id=finding.id, text="同意 ", actor=actor, at=AT)
        answer(finding_id=finding.id, text="合同约定", actor=actor, at=AT)
        judge(finding_id=finding.id, judgement="dismissed", actor=actor, at=AT)

        with pytest.raises(AlreadyJudged):
            judge(finding_id=finding.id, judgement="confirmed", actor=actor, at=AT)
        assert findings_of([2]).get().answer == "合同约定"
        (record,) = statistics(since=AT, until=AT + dt.timedelta(seconds=1))
        assert (record.hits, record.answered, record.dismissed, record.confirm_percent) == (1, 1, 1, 0.0)

    def test_a_trial_writes_nothing(self, view, actor):
        rule = rulebook.version_of(make(view, actor, condition="is_cash", parameters={}))

        assert [f.subject_id for f in check_with([rule], view=view, ids=[1, 4])] == [4]
        assert not StoredFinding.objects.exists()


class TestBackTest:
    """启用前用历史数据回溯检验。"""

    def test_month_by_month_with_the_parameters_of_the_day(self, view, actor):
        rule = rulebook.version_of(make(view, actor))
        set_parameter(
            rule_code="T1", key="limit_fen", value=50, valid_from=dt.date(2023, 7, 2), actor=actor, at=AT
        )
        rulebook.refresh()

        result = backtest(rule, since=dt.date(2023, 6, 1), until=dt.date(2023, 7, 31))

        assert [(m.period, m.tested, m.hits, m.amount_fen) for m in result.months] == [
            (202306, 1, 0, None),
            (202307, 3, 3, 5_000_201),
        ]
        assert (result.tested, result.hits, result.hit_percent) == (4, 3, 75.0)
        assert (2, "本笔 50,000.01 元，超过 50,000.00 元") in result.samples
        assert (3, "本笔 1.00 元，超过 0.50 元") in result.samples


TOML = """
[[rule]]
id = "ZZ12"
title = "购物卡、预付卡"
stage = "before"
severity = "block"
view = "v_rulekit_facts"
condition = "contains_any(purpose, :words)"
message = "用途“{purpose}”涉及购物卡。"
basis = "某办法第三条"
parameters = { words = ["购物卡", "充值"] }

[[rule.dated]]
key = "words"
value = ["红包"]
valid_from = 2024-01-01
"""


class TestFile:
    """模块随带的规则：装一次不重复，内容变了立新版，人改过的不动。"""

    def write(self, tmp_path, text=TOML):
        path = tmp_path / "rules.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_install_twice_is_once(self, view, actor, tmp_path):
        path = self.write(tmp_path)

        assert install_rules(path, module="t", actor=actor, at=AT) == ["ZZ12"]
        assert install_rules(path, module="t", actor=actor, at=AT) == []
        assert ask(view, 3) == [(3, "ZZ12")]
        assert ask(view, 3, on=dt.date(2024, 1, 1)) == []

    def test_a_changed_rule_is_a_new_version(self, view, actor, tmp_path):
        install_rules(self.write(tmp_path), module="t", actor=actor, at=AT)

        changed = self.write(tmp_path, TOML.replace('"block"', '"warn"'))
        install_rules(changed, module="t", actor=actor, at=AT)

        assert Rule.objects.get(code="ZZ12", state="active").version == 2

    def test_what_a_person_changed_stays(self, view, actor, tmp_path):
        from fisc.kernel.documents.tests.kit import make_actor

        install_rules(self.write(tmp_path), module="t", actor=actor, at=AT)
        person = make_actor("person")
        make(view, person, code="ZZ12", condition="is_cash", parameters={})

        install_rules(self.write(tmp_path, TOML.replace('"block"', '"warn"')), module="t", actor=actor, at=AT)

        assert Rule.objects.get(code="ZZ12", state="active").condition == "is_cash"

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('id = "ZZ12"', "", "缺少 id"),
            ('severity = "block"', 'severity = "fatal"', "severity"),
            ("basis =", "basics =", "不认识的项 basics"),
            ("[[rule]]", "[[rule", "TOML"),
        ],
    )
    def test_a_bad_file_says_what(self, tmp_path, old, new, said):
        with pytest.raises(RuleFileError, match=said):
            read_rules(self.write(tmp_path, TOML.replace(old, new, 1)), module="t")


class TestStanding:
    """常备检查：返回不符的行，没有即成立。"""

    def test_good_and_bad(self, view):
        good = Invariant("t.good", "没有负数", "国库股", f"SELECT * FROM {view} WHERE amount_fen < 0")
        bad = Invariant(
            "t.bad", "用途不为空", "国库股", f"SELECT document_id, amount_fen % 7 AS r FROM {view} WHERE purpose IS NULL",
            "请补填用途。",
        )  # fmt: skip
        before = standing.installed()
        standing.install([good, bad])
        try:
            results = standing.run_standing_checks(at=AT)
        finally:
            standing.install(before)

        assert [(r.invariant.code, r.bad_count, r.holds) for r in results] == [
            ("t.good", 0, True),
            ("t.bad", 1, False),
        ]
        assert results[1].sample == ({"document_id": 4, "r": 2},)
        assert StandingRun.objects.count() == 2
        report = CheckReport(tuple(results))
        assert not report.ok
        assert any("document_id=4" in line for line in report.lines())
        assert report.lines()[-1] == "共 2 项检查，1 项不成立。"

    def test_those_installed_all_run(self, db):
        """台账、单据、审批和各模块的检查都能执行，空库全部成立。"""
        results = standing.run_standing_checks(at=AT, keep=False)

        assert len(results) >= 10
        assert [r.invariant.code for r in results if not r.holds] == []
