"""库款紧张排队: orders, overtakings, and the view of who waits."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_chains_routes_tasks_and_delegation"),
        ("documents", "0004_fewer_indexes_on_headers"),
        ("orgs", "0002_guards_in_the_database"),
        ("treasury", "0004_ceilings_priorities_and_last_doors"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueOrder",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                ("covered_fund", models.CharField(editable=False, max_length=16, verbose_name="资金性质")),
                ("starts_on", models.DateField(verbose_name="启用日期")),
                ("ended_on", models.DateField(editable=False, null=True, verbose_name="解除日期")),
                ("daily_quota_fen", models.BigIntegerField(blank=True, null=True, verbose_name="每日额度")),
                ("reserve_fen", models.BigIntegerField(default=0, verbose_name="最低留存")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("is_on", models.BooleanField(default=False, editable=False, verbose_name="执行中")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_on", True)),
                        fields=("covered_fund",),
                        name="treasury_queueorder_one_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("daily_quota_fen__isnull", True), ("daily_quota_fen__gt", 0), _connector="OR"
                        ),
                        name="treasury_queueorder_quota_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reserve_fen__gte", 0)),
                        name="treasury_queueorder_reserve_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="treasury_queueorder_reason_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Overtaking",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("is_signed", models.BooleanField(default=False, editable=False, verbose_name="已签批")),
                (
                    "passed_count",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="越过笔数"),
                ),
                ("passed_fen", models.BigIntegerField(default=0, editable=False, verbose_name="越过金额")),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                        verbose_name="支付单",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_signed", True)),
                        fields=("payment",),
                        name="treasury_overtaking_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="treasury_overtaking_reason_given",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            (SQL / "v_treasury_queue.sql").read_text(encoding="utf-8"), "DROP VIEW v_treasury_queue"
        ),
    ]
