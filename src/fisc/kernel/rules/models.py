"""Rules with their versions, dated parameters and exemptions; findings; results of standing checks.

A rule version is never changed once active: editing writes the next version. Findings point at the version that
made them. Rows are about a subject (a row of the fact view, in practice a document); no foreign key goes up there.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

SEVERITIES = (("block", "拦截"), ("warn", "预警"), ("hint", "提示"))
STAGES = (("before", "事前"), ("during", "事中"), ("after", "事后"))
STATES = (("draft", "草稿"), ("active", "启用"), ("retired", "停用"))


class Rule(models.Model):
    """One version of a rule."""

    code = models.CharField("编号", max_length=40)
    version = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=10, choices=STATES, default="active")
    title = models.CharField("名称", max_length=100)
    stage = models.CharField("环节", max_length=10, choices=STAGES)
    severity = models.CharField("处置", max_length=10, choices=SEVERITIES)
    view = models.CharField("事实视图", max_length=63)
    condition = models.TextField("条件")
    message = models.TextField("提示语")
    basis = models.TextField("依据", blank=True, default="")
    owner = models.CharField("责任股室", max_length=60, blank=True, default="")
    module = models.CharField("模块", max_length=40, blank=True, default="")
    digest = models.CharField("内容摘要", max_length=64)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        db_table = "rules_rule"
        ordering = ("code", "-version")
        verbose_name = verbose_name_plural = "规则"
        constraints = [
            models.UniqueConstraint(fields=("code", "version"), name="rules_rule_version_unique"),
            models.UniqueConstraint(
                fields=("code",), condition=Q(state="active"), name="rules_rule_one_active"
            ),
            models.CheckConstraint(
                name="rules_rule_severity_known", condition=Q(severity__in=("block", "warn", "hint"))
            ),
            models.CheckConstraint(
                name="rules_rule_stage_known", condition=Q(stage__in=("before", "during", "after"))
            ),
            models.CheckConstraint(
                name="rules_rule_state_known", condition=Q(state__in=("draft", "active", "retired"))
            ),
            models.CheckConstraint(
                name="rules_rule_condition_given", condition=~Q(condition="") & ~Q(message="") & ~Q(title="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Parameter(models.Model):
    """The value of a rule's parameter from a day on (until the next row's day)."""

    rule_code = models.CharField("规则", max_length=40)
    key = models.CharField("参数", max_length=40)
    value = models.JSONField("值")
    valid_from = models.DateField("生效日期")
    basis = models.TextField("依据", blank=True, default="")
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        db_table = "rules_parameter"
        ordering = ("rule_code", "key", "valid_from")
        verbose_name = verbose_name_plural = "规则参数"
        constraints = [
            models.UniqueConstraint(
                fields=("rule_code", "key", "valid_from"), name="rules_parameter_day_once"
            ),
        ]


class Exemption(models.Model):
    """Rows of the view that a rule lets pass for a time: an expression over the same view."""

    rule_code = models.CharField("规则", max_length=40)
    condition = models.TextField("条件")
    reason = models.TextField("理由")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        db_table = "rules_exemption"
        ordering = ("rule_code", "id")
        verbose_name = verbose_name_plural = "规则豁免"
        constraints = [
            models.CheckConstraint(
                name="rules_exemption_dates_ordered",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="rules_exemption_reason_given", condition=~Q(reason="") & ~Q(condition="")
            ),
        ]


class StoredFinding(models.Model):
    """A finding as kept: what the rule saw and said, what was answered, how it was judged."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="findings")
    rule_code = models.CharField("规则", max_length=40)
    severity = models.CharField("处置", max_length=10, choices=SEVERITIES)
    stage = models.CharField("环节", max_length=10, choices=STAGES)
    view = models.CharField("事实视图", max_length=63)
    subject_id = models.BigIntegerField("对象")
    message = models.TextField("提示")
    facts = models.JSONField("所见事实")
    parameters = models.JSONField("所用参数", default=dict)
    found_at = models.DateTimeField("触发时间")
    is_open = models.BooleanField("仍成立", default=True)
    answer = models.TextField("说明", blank=True, default="")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("说明时间", null=True)
    judgement = models.CharField(
        "复核", max_length=10, choices=(("confirmed", "属实"), ("dismissed", "排除")), blank=True, default=""
    )
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField("复核时间", null=True)

    class Meta:
        db_table = "rules_finding"
        ordering = ("-id",)
        verbose_name = verbose_name_plural = "疑点"
        constraints = [
            models.UniqueConstraint(
                fields=("subject_id", "rule_code"),
                condition=Q(is_open=True),
                name="rules_finding_one_open",
            ),
            models.CheckConstraint(
                name="rules_finding_answer_whole",
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="rules_finding_judgement_whole",
                condition=Q(judgement="", judged_at__isnull=True)
                | Q(
                    judgement__in=("confirmed", "dismissed"), judged_at__isnull=False, judged_by__isnull=False
                ),
            ),
        ]
        indexes = [
            models.Index(fields=("rule_code", "found_at"), name="rules_finding_by_rule"),
        ]


class Epoch(models.Model):
    """One row that counts changes to rules, parameters and exemptions: what engines compare their caches with."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=1)

    class Meta:
        db_table = "rules_epoch"
        constraints = [models.CheckConstraint(name="rules_epoch_one_row", condition=Q(id=1))]


class StandingRun(models.Model):
    """The result of one standing check at one time."""

    code = models.CharField("检查", max_length=80)
    title = models.CharField("应成立", max_length=200)
    owner = models.CharField("责任人", max_length=60)
    ran_at = models.DateTimeField("检查时间")
    seconds = models.FloatField("耗时（秒）")
    bad_count = models.PositiveIntegerField("不符行数")
    sample = models.JSONField("样例", default=list)

    class Meta:
        db_table = "rules_standing_run"
        ordering = ("-id",)
        verbose_name = verbose_name_plural = "常备检查"
        indexes = [models.Index(fields=("code", "-ran_at"), name="rules_standing_run_latest")]
