"""The header row every document has, its number counters, and its attachments.

`state` and `amount_fen` change only through the functions of `sql/doors.sql`; a trigger refuses any other way.
The module's own table hangs on the header by a one-to-one primary key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from fisc.kernel.documents.spec import DocumentKind


class Document(models.Model):
    """One document of any kind: what it is called, whose it is, how far it has come, how much it is about."""

    kind = models.CharField("单据种类", max_length=60, editable=False)
    number = models.CharField("单号", max_length=24, editable=False)
    fiscal_year = models.PositiveSmallIntegerField("年度", editable=False)
    unit = models.ForeignKey(
        "orgs.Unit", models.PROTECT, related_name="+", verbose_name="单位", db_index=False
    )
    section_code = models.CharField("归口股室", max_length=20, blank=True, default="")
    state = models.CharField("状态", max_length=24, editable=False)
    node = models.CharField("当前节点", max_length=40, blank=True, default="", editable=False)
    title = models.CharField("摘要", max_length=200)
    amount_fen = models.BigIntegerField("金额")
    fund = models.CharField("资金性质", max_length=20, blank=True, default="")
    counterparty = models.CharField("对方", max_length=200, blank=True, default="")
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="制单人", editable=False
    )
    business_on = models.DateField("业务日期")
    created_at = models.DateTimeField("制单时间", editable=False)
    updated_at = models.DateTimeField("更新时间", editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    source = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="derived",
        verbose_name="来源单据",
        db_index=False,  # documents_document_by_source
    )
    tags = ArrayField(models.CharField(max_length=40), verbose_name="标签", default=list, blank=True)

    class Meta:
        db_table = "documents_document"
        verbose_name = verbose_name_plural = "单据"
        constraints = [
            models.UniqueConstraint(fields=("number",), name="documents_document_number_unique"),
            models.CheckConstraint(name="documents_document_kind_given", condition=~Q(kind="")),
            models.CheckConstraint(name="documents_document_number_given", condition=~Q(number="")),
            models.CheckConstraint(name="documents_document_state_given", condition=~Q(state="")),
            models.CheckConstraint(name="documents_document_title_given", condition=~Q(title="")),
            models.CheckConstraint(
                name="documents_document_year_sane", condition=Q(fiscal_year__gte=2000, fiscal_year__lte=2999)
            ),
            models.CheckConstraint(
                name="documents_document_not_own_source",
                condition=Q(source__isnull=True) | ~Q(source=F("id")),
            ),
            models.CheckConstraint(name="documents_document_version_positive", condition=Q(version__gte=1)),
        ]
        indexes = [
            models.Index(fields=("kind", "fiscal_year", "state", "unit"), name="documents_document_list"),
            models.Index(fields=("unit", "kind", "business_on"), name="documents_document_by_unit"),
            models.Index(
                fields=("source",), condition=Q(source__isnull=False), name="documents_document_by_source"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def spec(self) -> DocumentKind:
        """The kind as its module declared it."""
        from fisc.kernel.documents import kinds

        return kinds.get(self.kind)

    @property
    def state_label(self) -> str:
        """The state as a word; while in review, the node whose turn it is (待国库审核)."""
        label = self.spec.state(self.state).label
        return f"待{self.node}" if self.node else label

    @property
    def tone(self) -> str:
        """The tone of the state's mark."""
        return self.spec.state(self.state).tone


class Counter(models.Model):
    """The last number given to a kind in a year; the row's lock is what makes numbers gapless."""

    kind = models.CharField(max_length=60)
    fiscal_year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "documents_counter"
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "fiscal_year"), name="documents_counter_kind_year_unique"
            ),
        ]


class Attachment(models.Model):
    """A file kept with a document; its bytes lie under MEDIA_ROOT by their hash, never under the web root."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="attachments", verbose_name="单据")
    filename = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    stored_as = models.CharField("存放位置", max_length=120, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "documents_attachment"
        ordering = ("id",)
        verbose_name = verbose_name_plural = "附件"
        constraints = [
            models.CheckConstraint(name="documents_attachment_size_positive", condition=Q(size__gt=0)),
            models.CheckConstraint(name="documents_attachment_filename_given", condition=~Q(filename="")),
            models.CheckConstraint(
                name="documents_attachment_sha256_whole", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="documents_attachment_sm3_whole", condition=Q(sm3__regex="^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="documents_attachment_removal_whole",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("document", "sha256"),
                condition=Q(removed_at__isnull=True),
                name="documents_attachment_once_per_document",
            ),
        ]
        indexes = [models.Index(fields=("sha256",), name="documents_attachment_by_hash")]

    def __str__(self) -> str:
        return self.filename
