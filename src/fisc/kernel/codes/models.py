"""The tables of the code lists. One row of ``codes_code`` is one meaning of a code over a span of fiscal years."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from fisc.kernel.codes.kinds import KINDS


class Confidence(models.TextChoices):
    """How sure the row is (see data/SOURCES.md)."""

    VERIFIED = "verified", "已核对"
    LIKELY = "likely", "待核对"
    LOCAL = "local", "本地维护"


def _years() -> Func:
    return Func(F("valid_from_year"), F("valid_to_year"), Value("[]"), function="int4range")


class Code(models.Model):
    """One version of a code; years are inclusive, an open end means still in force.

    Whether it is a leaf depends on the year and is worked out where the year is known (``catalogue.py``).
    """

    kind = models.CharField("代码表", max_length=24, choices=[(k.code, k.title) for k in KINDS.values()])
    fund = models.CharField("资金性质", max_length=16, blank=True, default="")
    code = models.CharField("编码", max_length=24)
    name = models.CharField("名称", max_length=200)
    level = models.PositiveSmallIntegerField("级次", default=1)
    parent = models.CharField("上级编码", max_length=24, blank=True, default="")
    valid_from_year = models.PositiveSmallIntegerField("启用年度")
    valid_to_year = models.PositiveSmallIntegerField("停用年度", null=True, blank=True)
    confidence = models.CharField(
        "可信度", max_length=10, choices=Confidence.choices, default=Confidence.LOCAL
    )
    evidence = models.CharField("依据", max_length=120, blank=True, default="")
    note = models.CharField("说明", max_length=400, blank=True, default="")
    attributes = models.JSONField("属性", default=dict, blank=True)

    class Meta:
        db_table = "codes_code"
        ordering = ("kind", "fund", "code", "valid_from_year")
        verbose_name = verbose_name_plural = "代码"
        constraints = [
            models.CheckConstraint(name="codes_code_name_given", condition=~Q(name="") & ~Q(code="")),
            models.CheckConstraint(
                name="codes_code_years_in_order",
                condition=Q(valid_to_year__isnull=True) | Q(valid_to_year__gte=F("valid_from_year")),
            ),
            models.CheckConstraint(name="codes_code_not_own_parent", condition=~Q(parent=F("code"))),
            models.CheckConstraint(name="codes_code_kind_known", condition=Q(kind__in=sorted(KINDS))),
            ExclusionConstraint(
                name="codes_code_one_meaning_a_year",
                expressions=[
                    ("kind", RangeOperators.EQUAL),
                    ("fund", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (_years(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Usage(models.Model):
    """A code was used in a fiscal year by something in force; its meaning in that year is fixed from then on."""

    kind = models.CharField(max_length=24)
    fund = models.CharField(max_length=16, blank=True, default="")
    code = models.CharField(max_length=24)
    fiscal_year = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "codes_usage"
        constraints = [
            models.UniqueConstraint(fields=("kind", "fund", "code", "fiscal_year"), name="codes_usage_once"),
        ]


class Mapping(models.Model):
    """An old code goes over into a new one from ``from_year`` on (年度结转 old → new)."""

    kind = models.CharField("代码表", max_length=24)
    fund = models.CharField("资金性质", max_length=16, blank=True, default="")
    old_code = models.CharField("旧编码", max_length=24)
    new_code = models.CharField("新编码", max_length=24)
    from_year = models.PositiveSmallIntegerField("自年度")
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "codes_mapping"
        verbose_name = verbose_name_plural = "新旧代码对照"
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "fund", "old_code", "from_year"), name="codes_mapping_one_successor"
            ),
            models.CheckConstraint(
                name="codes_mapping_codes_given", condition=~Q(old_code="") & ~Q(new_code="")
            ),
        ]


class EconomicMapping(models.Model):
    """A department economic item goes into a government economic item, by kind of unit (财预〔2017〕98号)."""

    department_code = models.CharField("部门经济分类", max_length=12)
    unit_kind = models.CharField("单位性质", max_length=16)
    government_code = models.CharField("政府经济分类", max_length=12)
    valid_from_year = models.PositiveSmallIntegerField("启用年度")
    valid_to_year = models.PositiveSmallIntegerField("停用年度", null=True, blank=True)
    confidence = models.CharField("可信度", max_length=10, choices=Confidence.choices)
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "codes_economic_mapping"
        ordering = ("department_code", "unit_kind", "government_code")
        verbose_name = verbose_name_plural = "经济分类对照"
        constraints = [
            models.CheckConstraint(
                name="codes_economic_mapping_unit_kind_known",
                condition=Q(unit_kind__in=("administrative", "institution", "any")),
            ),
            ExclusionConstraint(
                name="codes_economic_mapping_once",
                expressions=[
                    ("department_code", RangeOperators.EQUAL),
                    ("unit_kind", RangeOperators.EQUAL),
                    ("government_code", RangeOperators.EQUAL),
                    (_years(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Stamp(models.Model):
    """The one row that changes whenever any code changes, so that processes know their cache is old."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    stamp = models.UUIDField()

    class Meta:
        db_table = "codes_stamp"
        constraints = [models.CheckConstraint(name="codes_stamp_one_row", condition=Q(id=1))]
