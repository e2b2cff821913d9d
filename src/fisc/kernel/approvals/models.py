"""Approval chains as data, the route a document takes through one, its tasks, and delegation.

A chain version is never changed: editing writes the next version, running documents keep theirs.
Norm: 内部控制规范（财会〔2012〕21号）不相容岗位相互分离; 限时办结 is measured per task.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

SCOPES = (("unit", "本单位"), ("section", "归口股室"), ("all", "全区"))
OUTCOMES = (
    ("approved", "通过"),
    ("returned", "退回"),
    ("withdrawn", "撤回"),
    ("cancelled", "终止"),
)


class Chain(models.Model):
    """One version of the approval chain of a document kind."""

    kind = models.CharField("单据种类", max_length=60)
    version = models.PositiveSmallIntegerField("版本")
    is_current = models.BooleanField("现行", default=True)
    note = models.CharField("修改说明", max_length=200, blank=True, default="")
    created_at = models.DateTimeField("启用时间")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        db_table = "approvals_chain"
        ordering = ("kind", "-version")
        verbose_name = verbose_name_plural = "审批流程"
        constraints = [
            models.UniqueConstraint(fields=("kind", "version"), name="approvals_chain_version_unique"),
            models.UniqueConstraint(
                fields=("kind",), condition=Q(is_current=True), name="approvals_chain_one_current"
            ),
            models.CheckConstraint(name="approvals_chain_kind_given", condition=~Q(kind="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"


class ChainNode(models.Model):
    """One node of a chain: who acts, for which amounts and facts, within how many working days."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="nodes")
    seq = models.PositiveSmallIntegerField("序号")
    label = models.CharField("节点", max_length=40)
    role = models.CharField("角色", max_length=40)
    scope = models.CharField("范围", max_length=10, choices=SCOPES, default="all")
    amount_from_fen = models.BigIntegerField("金额起（含）", null=True, blank=True)
    amount_to_fen = models.BigIntegerField("金额止（不含）", null=True, blank=True)
    condition = models.TextField("条件", blank=True, default="")
    limit_workdays = models.PositiveSmallIntegerField("限办工作日", default=1)

    class Meta:
        db_table = "approvals_chain_node"
        ordering = ("chain", "seq")
        verbose_name = verbose_name_plural = "审批节点"
        constraints = [
            models.UniqueConstraint(fields=("chain", "seq"), name="approvals_chain_node_seq_unique"),
            models.UniqueConstraint(fields=("chain", "label"), name="approvals_chain_node_label_unique"),
            models.CheckConstraint(name="approvals_chain_node_label_given", condition=~Q(label="")),
            models.CheckConstraint(name="approvals_chain_node_role_given", condition=~Q(role="")),
            models.CheckConstraint(
                name="approvals_chain_node_scope_known", condition=Q(scope__in=("unit", "section", "all"))
            ),
            models.CheckConstraint(
                name="approvals_chain_node_band_ordered",
                condition=Q(amount_from_fen__isnull=True)
                | Q(amount_to_fen__isnull=True)
                | Q(amount_from_fen__lt=F("amount_to_fen")),
            ),
            models.CheckConstraint(
                name="approvals_chain_node_limit_positive", condition=Q(limit_workdays__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Route(models.Model):
    """The way one document takes: the nodes that apply to it, fixed when it was submitted, for one amount."""

    document = models.OneToOneField("documents.Document", models.PROTECT, primary_key=True, related_name="+")
    chain = models.ForeignKey(Chain, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField("第几次送审")
    path = ArrayField(models.PositiveSmallIntegerField(), verbose_name="节点序号")
    amount_fen = models.BigIntegerField("送审金额")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("送审时间")
    finished_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        db_table = "approvals_route"
        verbose_name = verbose_name_plural = "审批路径"
        constraints = [
            models.CheckConstraint(name="approvals_route_round_positive", condition=Q(round__gte=1))
        ]


class Task(models.Model):
    """One node's work on one document: whose turn, since when, until when, what came of it."""

    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="tasks")
    chain = models.ForeignKey(Chain, models.PROTECT, related_name="+")
    seq = models.PositiveSmallIntegerField("序号")
    round = models.PositiveSmallIntegerField("第几次送审")
    node = models.CharField("节点", max_length=40)
    role = models.CharField("角色", max_length=40)
    scope = models.CharField("范围", max_length=10, choices=SCOPES)
    kind = models.CharField("单据种类", max_length=60)
    unit = models.ForeignKey("orgs.Unit", models.PROTECT, related_name="+")
    section_code = models.CharField("归口股室", max_length=20, blank=True, default="")
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField("到达时间")
    due_on = models.DateField("限办日期")
    done_at = models.DateTimeField("办理时间", null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    delegated_from = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField("结果", max_length=12, choices=OUTCOMES, blank=True, default="")
    comment = models.TextField("意见", blank=True, default="")
    is_superseded = models.BooleanField("已重审", default=False)
    escalated_at = models.DateTimeField("催办时间", null=True)

    class Meta:
        db_table = "approvals_task"
        ordering = ("id",)
        verbose_name = verbose_name_plural = "审批任务"
        constraints = [
            models.UniqueConstraint(
                fields=("document",), condition=Q(done_at__isnull=True), name="approvals_task_one_open"
            ),
            models.UniqueConstraint(
                fields=("document", "round", "done_by"),
                condition=Q(outcome="approved", is_superseded=False),
                name="approvals_task_nobody_twice",
            ),
            models.CheckConstraint(
                name="approvals_task_not_by_maker",
                condition=~Q(outcome="approved") | (~Q(done_by=F("maker")) & ~Q(delegated_from=F("maker"))),
            ),
            models.CheckConstraint(
                name="approvals_task_done_whole",
                condition=Q(done_at__isnull=True, done_by__isnull=True, outcome="")
                | Q(done_at__isnull=False, done_by__isnull=False)
                & Q(outcome__in=("approved", "returned", "withdrawn", "cancelled")),
            ),
            models.CheckConstraint(
                name="approvals_task_done_after_assigned",
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("assigned_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=("role", "unit"), condition=Q(done_at__isnull=True), name="approvals_task_waiting"
            ),
            models.Index(fields=("document", "id"), name="approvals_task_by_document"),
            models.Index(fields=("done_by", "done_at"), name="approvals_task_by_person"),
        ]


class Delegation(models.Model):
    """Somebody acts for another while that one is away, for some kinds or (empty) for all."""

    from_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kinds = ArrayField(models.CharField(max_length=60), verbose_name="单据种类", default=list, blank=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至")
    reason = models.CharField("事由", max_length=200, blank=True, default="")
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("提前收回时间", null=True)

    class Meta:
        db_table = "approvals_delegation"
        ordering = ("-id",)
        verbose_name = verbose_name_plural = "委托"
        constraints = [
            models.CheckConstraint(
                name="approvals_delegation_dates_ordered", condition=Q(valid_to__gte=F("valid_from"))
            ),
            models.CheckConstraint(
                name="approvals_delegation_two_people", condition=~Q(from_user=F("to_user"))
            ),
        ]
        indexes = [models.Index(fields=("to_user", "valid_to"), name="approvals_delegation_by_deputy")]
