"""The tables of imports and of files exchanged with banks. File contents stand in the database, by their hash."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class StoredFile(models.Model):
    """The bytes of a file, once per content; never changed."""

    sha256 = models.CharField("摘要", max_length=64, primary_key=True)
    content = models.BinaryField("内容")
    size = models.BigIntegerField("字节数")

    class Meta:
        db_table = "exchange_stored_file"


class NumberSeries(models.Model):
    """The last batch number given out in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField()

    class Meta:
        db_table = "exchange_number_series"


class Batch(models.Model):
    """One uploaded file on its way in: uploaded → checked → written (→ undone), or cancelled."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "待核对列"
        CHECKED = "checked", "已校验"
        WRITTEN = "written", "已导入"
        UNDONE = "undone", "已撤销"
        CANCELLED = "cancelled", "已放弃"

    number = models.CharField("批次号", max_length=20, unique=True)
    spec_code = models.CharField("导入种类", max_length=60)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.UPLOADED)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    params = models.JSONField("参数", default=dict)

    filename = models.CharField("文件名", max_length=255)
    file_kind = models.CharField("文件类型", max_length=8)
    stored = models.ForeignKey(StoredFile, models.PROTECT, db_column="sha256", related_name="+")
    seen_before = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    seen_confirmed = models.BooleanField("确认重复导入", default=False)

    sheet = models.CharField("工作表", max_length=255)
    sheets = models.JSONField("工作表清单", default=list)
    head_row = models.PositiveIntegerField("表头首行", default=0)
    head_rows = models.PositiveSmallIntegerField("表头行数", default=0)
    heads = models.JSONField("表头", default=list)
    mapping = models.JSONField("列对应", default=dict)
    matched_by = models.JSONField("对应依据", default=dict)
    guesses = models.JSONField("建议对应", default=dict)
    factor = models.PositiveIntegerField("金额单位（元）", default=1)
    epoch_1904 = models.BooleanField("1904 日期", default=False)
    remarks = models.JSONField("文件提示", default=list)

    row_count = models.PositiveIntegerField("行数", default=0)
    control_total_fen = models.BigIntegerField("控制总额", null=True)
    file_total_fen = models.BigIntegerField("文件合计", null=True)
    file_total_cell = models.CharField("文件合计单元格", max_length=20, blank=True, default="")
    summary = models.JSONField("校验结果", default=dict)
    stage = models.CharField("进度阶段", max_length=10, blank=True, default="")
    done = models.PositiveIntegerField("已处理", default=0)

    unit = models.ForeignKey("orgs.Unit", models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey("orgs.User", models.PROTECT, related_name="+")
    made_by_name = models.CharField("上传人", max_length=60)
    made_at = models.DateTimeField("上传时间")
    checked_at = models.DateTimeField("校验时间", null=True)
    written_by = models.ForeignKey("orgs.User", models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField("导入时间", null=True)
    only_good = models.BooleanField("只导入通过的行", default=False)
    written_rows = models.PositiveIntegerField("导入行数", default=0)
    amount_fen = models.BigIntegerField("导入金额", null=True)
    facts = models.JSONField("写入结果", default=dict)
    message = models.CharField("结果说明", max_length=500, blank=True, default="")
    undone_by = models.ForeignKey("orgs.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField("撤销时间", null=True)
    undo_reason = models.CharField("撤销原因", max_length=500, blank=True, default="")

    class Meta:
        db_table = "exchange_batch"
        ordering = ("-id",)
        verbose_name = verbose_name_plural = "导入批次"
        constraints = [
            models.CheckConstraint(
                name="exchange_batch_state_known",
                condition=Q(state__in=("uploaded", "checked", "written", "undone", "cancelled")),
            ),
            models.CheckConstraint(
                name="exchange_batch_written_says_when",
                condition=~Q(state__in=("written", "undone"))
                | (Q(written_at__isnull=False) & Q(written_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="exchange_batch_undone_says_why",
                condition=~Q(state="undone") | (Q(undone_at__isnull=False) & ~Q(undo_reason="")),
            ),
            # The same content is in force once per kind, unless somebody said "once more" and we know who.
            models.UniqueConstraint(
                fields=("spec_code", "stored"),
                condition=Q(state="written", seen_confirmed=False),
                name="exchange_batch_content_written_once",
            ),
        ]
        indexes = [
            models.Index(fields=("spec_code", "-id"), name="exchange_batch_by_spec"),
            models.Index(fields=("made_by", "-id"), name="exchange_batch_by_maker"),
        ]


class StagedRow(models.Model):
    """One data row of the file as it stands there. A staging table: its bulk is loaded by COPY without key checks."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField("Excel 行")
    raw = models.JSONField("单元格")
    before = models.JSONField("采用建议前", null=True)

    class Meta:
        db_table = "exchange_staged_row"
        constraints = [models.UniqueConstraint(fields=("batch", "number"), name="exchange_staged_row_once")]


class Problem(models.Model):
    """What is wrong with a cell, a row (no key), or the file (row 0)."""

    batch = models.ForeignKey(
        Batch, models.CASCADE, related_name="problems", db_constraint=False, db_index=False
    )
    number = models.PositiveIntegerField("Excel 行")
    key = models.CharField("列", max_length=60, blank=True, default="")
    severity = models.CharField("程度", max_length=5)
    code = models.CharField("类别", max_length=40)
    message = models.CharField("问题与改法", max_length=600)
    suggestion = models.CharField("建议值", max_length=300, null=True)
    suggestion_label = models.CharField("建议", max_length=300, blank=True, default="")
    also_rows = ArrayField(models.PositiveIntegerField(), default=list)
    also_keys = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        db_table = "exchange_problem"
        constraints = [
            models.CheckConstraint(
                name="exchange_problem_severity_known", condition=Q(severity__in=("error", "warn", "note"))
            )
        ]
        indexes = [models.Index(fields=("batch", "severity", "number"), name="exchange_problem_by_batch")]


class BatchDocument(models.Model):
    """A document that a batch made."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="documents")
    document_id = models.BigIntegerField("单据")

    class Meta:
        db_table = "exchange_batch_document"
        constraints = [models.UniqueConstraint(fields=("document_id",), name="exchange_batch_document_once")]


class ColumnMemory(models.Model):
    """Which column a person once said a head text is."""

    user = models.ForeignKey("orgs.User", models.CASCADE, related_name="+")
    spec_code = models.CharField(max_length=60)
    head = models.CharField(max_length=200)
    key = models.CharField(max_length=60)

    class Meta:
        db_table = "exchange_column_memory"
        constraints = [
            models.UniqueConstraint(fields=("user", "spec_code", "head"), name="exchange_column_memory_once")
        ]


class Channel(models.Model):
    """The last sequence number given to a file that goes out on a channel (e.g. "bank.icbc.payment")."""

    code = models.CharField("通道", max_length=60, primary_key=True)
    last_out = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "exchange_channel"


class OutFile(models.Model):
    """A file given out; its number in the channel has no gaps. Never changed except for when it was answered."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="out_files", db_column="channel")
    sequence = models.PositiveIntegerField("序号")
    reference = models.CharField("业务号", max_length=60, blank=True, default="")
    filename = models.CharField("文件名", max_length=255)
    stored = models.ForeignKey(StoredFile, models.PROTECT, db_column="sha256", related_name="+")
    row_count = models.PositiveIntegerField("笔数")
    amount_fen = models.BigIntegerField("金额")
    business_on = models.DateField("业务日期")
    made_by = models.ForeignKey("orgs.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField("生成时间")
    fetched_at = models.DateTimeField("首次下载时间", null=True)
    answered_at = models.DateTimeField("收到回执时间", null=True)

    class Meta:
        db_table = "exchange_out_file"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("channel", "sequence"), name="exchange_out_file_sequence_once"),
            models.UniqueConstraint(
                fields=("channel", "reference"),
                condition=~Q(reference=""),
                name="exchange_out_file_reference_once",
            ),
        ]


class InFile(models.Model):
    """A file received; the same bytes on one channel are received once, whatever they are called."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="in_files", db_column="channel")
    filename = models.CharField("文件名", max_length=255)
    stored = models.ForeignKey(StoredFile, models.PROTECT, db_column="sha256", related_name="+")
    reference = models.CharField("对方序号", max_length=60, blank=True, default="")
    answers = models.ForeignKey(OutFile, models.PROTECT, null=True, related_name="answers")
    received_by = models.ForeignKey("orgs.User", models.PROTECT, related_name="+")
    received_at = models.DateTimeField("收到时间")
    result = models.JSONField("处理结果", default=dict)

    class Meta:
        db_table = "exchange_in_file"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("channel", "stored"), name="exchange_in_file_content_once"),
            models.UniqueConstraint(
                fields=("channel", "reference"),
                condition=~Q(reference=""),
                name="exchange_in_file_reference_once",
            ),
        ]
