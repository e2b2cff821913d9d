"""The words of the preparation: stages, natures, funds, bases of days."""

from django.db import models

ROUND, REQUEST, CONTROL, REPLY = (f"preparation.{noun}" for noun in ("round", "request", "control", "reply"))
PROJECT_KIND = "projects.project"
OPEN_PROJECT_STATES = frozenset({"in_library", "running"})

# How far a round is frozen (Round.closed_stages); the triggers in sql/guards.sql know these numbers.
FIRST_CLOSED, REVIEW_CLOSED, SECOND_CLOSED, REPLIED = 1, 2, 3, 4


class Stage(models.TextChoices):
    """申报阶段: the two ups."""

    FIRST = "first", "一上"
    SECOND = "second", "二上"


class VersionStage(models.TextChoices):
    """What a frozen version holds."""

    FIRST = "first", "一上"
    REVIEW = "review", "审定"
    CONTROL = "control", "一下"
    SECOND = "second", "二上"
    REPLY = "reply", "二下"


class Nature(models.TextChoices):
    """项目属性: rigid and 三保 items may not be cut; priority items may, but do not count in 压减比例 (F8)."""

    PRIORITY = "priority", "重点"
    RIGID = "rigid", "刚性"
    ORDINARY = "ordinary", "一般"


class Fund(models.TextChoices):
    """资金性质: the four budgets and the units' own money."""

    GENERAL = "general", "一般公共预算"
    GOVFUND = "govfund", "政府性基金预算"
    STATECAPITAL = "statecapital", "国有资本经营预算"
    SOCIALINSURANCE = "socialinsurance", "社会保险基金预算"
    UNIT = "unit", "单位资金"


class DayBasis(models.TextChoices):
    """时限口径: 预算法 counts days as they come, unless the bureau says working days."""

    CALENDAR = "calendar", "自然日"
    WORKDAY = "workday", "工作日"


CATEGORIES = {
    "personnel": "人员类",
    "public": "运转类（公用经费）",
    "operating": "运转类（其他运转）",
    "special": "特定目标类",
}
