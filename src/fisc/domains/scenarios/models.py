"""Tables of the what-if desk: a scenario with the inputs it saw, and its lines with their reasons.

Parameters and inputs never change once they are taken; a kept scenario never changes at all (sql/frozen.sql).
"""

from __future__ import annotations

import zlib
from typing import Any

from django.db import models
from django.db.models import Q

from fisc.domains.scenarios import canonical


class Sort(models.TextChoices):
    """What a scenario asks."""

    CUT = "cut", "压减推演"
    SHORTFALL = "shortfall", "三保压力测试"


class Stage(models.TextChoices):
    """Where in the year a cut is asked."""

    PREPARATION = "preparation", "编制"
    EXECUTION = "execution", "执行中"
    NONE = "", "—"


class Scenario(models.Model):
    """推演: a question, what the books said then, and the answer. Name, year and target stand in the header."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    sort = models.CharField("类别", max_length=10, choices=Sort.choices)
    stage = models.CharField("阶段", max_length=12, choices=Stage.choices, blank=True, default="")
    parameters = models.JSONField("参数")
    packed_inputs = models.BinaryField("输入快照", null=True, editable=False)
    inputs_digest = models.CharField("输入摘要", max_length=64, blank=True, default="")
    inputs_at = models.DateTimeField("取数时刻", null=True)
    code_version = models.CharField("程序版本", max_length=40, blank=True, default="")
    result = models.JSONField("结果", null=True)
    result_digest = models.CharField("结果摘要", max_length=64, blank=True, default="")
    is_feasible = models.BooleanField("可以实现", null=True)
    drawn_at = models.DateTimeField("生成草稿时刻", null=True, editable=False)
    drawn_count = models.PositiveIntegerField("生成草稿份数", default=0, editable=False)
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "scenarios_scenario"
        verbose_name = verbose_name_plural = "推演"
        constraints = [
            models.CheckConstraint(condition=Q(sort__in=Sort.values), name="scenarios_scenario_sort_known"),
            models.CheckConstraint(
                condition=Q(sort="cut", stage__in=("preparation", "execution"))
                | Q(sort="shortfall", stage=""),
                name="scenarios_scenario_stage_fits",
            ),
            models.CheckConstraint(
                condition=Q(packed_inputs__isnull=True, inputs_digest="")
                | Q(packed_inputs__isnull=False) & ~Q(inputs_digest=""),
                name="scenarios_scenario_inputs_with_digest",
            ),
            models.CheckConstraint(
                condition=Q(result__isnull=True) | ~Q(inputs_digest="") & ~Q(code_version=""),
                name="scenarios_scenario_result_from_inputs",
            ),
        ]

    @property
    def inputs(self) -> Any:
        """What the books said when the scenario was computed; None before."""
        if self.packed_inputs is None:
            return None
        return canonical.read(zlib.decompress(bytes(self.packed_inputs)))


class ScenarioLine(models.Model):
    """One line of the answer: what a line of the budget would lose (or have held back), and why."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    key = models.BigIntegerField("预算行或指标")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    project = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="+", verbose_name="项目"
    )
    title = models.CharField("名称", max_length=200)
    kind = models.CharField("类别", max_length=12)
    nature = models.CharField("性质", max_length=10)
    grade = models.CharField("绩效等级", max_length=4, blank=True, default="")
    asked_fen = models.BigIntegerField("上报数")
    base_fen = models.BigIntegerField("压前金额")
    cap_fen = models.BigIntegerField("最多可压")
    cut_fen = models.BigIntegerField("压减金额")
    flat_fen = models.BigIntegerField("同比例压减金额")
    weight = models.PositiveIntegerField("权重（百分之一）")
    reason_code = models.CharField("理由类别", max_length=20)
    reason = models.TextField("理由")

    class Meta:
        db_table = "scenarios_line"
        verbose_name = verbose_name_plural = "推演明细"
        constraints = [
            models.UniqueConstraint(fields=["scenario", "row_no"], name="scenarios_line_row_once"),
            models.CheckConstraint(
                condition=Q(cut_fen__gte=0, cut_fen__lte=models.F("cap_fen"))
                & Q(cap_fen__lte=models.F("base_fen")),
                name="scenarios_line_cut_within_cap",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="scenarios_line_reason_given"),
        ]
        indexes = [
            models.Index(fields=["scenario", "reason_code"], name="scenarios_line_by_reason"),
            models.Index(fields=["scenario", "unit"], name="scenarios_line_by_unit"),
        ]
