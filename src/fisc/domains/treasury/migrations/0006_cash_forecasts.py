"""库款预测: lines, announced money, runs that stay as they were made, and the published view."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = """
DROP VIEW v_treasury_cash_forecast;
DROP TRIGGER treasury_forecast_frozen ON treasury_forecastrun;
DROP TRIGGER treasury_forecast_frozen ON treasury_forecastday;
DROP TRIGGER treasury_forecast_frozen ON treasury_forecastitem;
DROP FUNCTION treasury_guard_forecast;
"""
# 财政部库款监测口径: below 0.3 months of spending cash is short, above 0.8 it lies idle (F14).
FIRST_LINE = """
INSERT INTO treasury_cashline (valid_from, low_cover, high_cover, basis)
VALUES ('2000-01-01', 0.30, 0.80, '财政部库款监测口径：低于0.3预警，0.3至0.8适度，高于0.8偏高')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0004_fewer_indexes_on_headers"),
        ("treasury", "0005_queue_orders_and_overtakings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CashLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(unique=True, verbose_name="生效日期")),
                (
                    "low_cover",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="警戒线（倍）"),
                ),
                (
                    "high_cover",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="充裕线（倍）"),
                ),
                ("basis", models.CharField(max_length=200, verbose_name="依据")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("low_cover__gt", 0), ("high_cover__gt", models.F("low_cover"))),
                        name="treasury_cashline_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("basis", ""), _negated=True), name="treasury_cashline_basis_given"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForecastRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on_day", models.DateField(verbose_name="预测日")),
                ("days", models.PositiveSmallIntegerField(verbose_name="天数")),
                ("fund", models.CharField(blank=True, default="", max_length=16, verbose_name="资金性质")),
                ("made_at", models.DateTimeField(verbose_name="运行时间")),
                ("opening_fen", models.BigIntegerField(verbose_name="期初库款")),
                ("average_outflow_fen", models.BigIntegerField(verbose_name="月均流出")),
                ("safety_fen", models.BigIntegerField(verbose_name="警戒线")),
                ("settings", models.JSONField(verbose_name="参数")),
                ("errors", models.JSONField(verbose_name="回测误差")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ForecastItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on_day", models.DateField(verbose_name="日期")),
                ("cause", models.CharField(max_length=12, verbose_name="原因")),
                ("label", models.CharField(max_length=120, verbose_name="摘要")),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.forecastrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ForecastDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on_day", models.DateField(verbose_name="日期")),
                ("inflow_fen", models.BigIntegerField(verbose_name="流入")),
                ("outflow_fen", models.BigIntegerField(verbose_name="流出")),
                ("low_fen", models.BigIntegerField(verbose_name="低值")),
                ("mid_fen", models.BigIntegerField(verbose_name="中值")),
                ("high_fen", models.BigIntegerField(verbose_name="高值")),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "正常"),
                            ("thin", "低于警戒线"),
                            ("risk", "有缺口风险"),
                            ("gap", "缺口"),
                        ],
                        default="",
                        max_length=4,
                        verbose_name="预警",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.forecastrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KnownFlow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on_day", models.DateField(verbose_name="日期")),
                ("fund", models.CharField(max_length=16, verbose_name="资金性质")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("transfer", "上级转移支付"),
                            ("debt", "债务收入"),
                            ("repayment", "还本付息"),
                            ("salary", "工资"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("label", models.CharField(max_length=100, verbose_name="摘要")),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                ("is_void", models.BooleanField(default=False, verbose_name="已取消")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="forecastrun",
            index=models.Index(fields=["on_day"], name="treasury_forecastrun_by_day"),
        ),
        migrations.AddConstraint(
            model_name="forecastrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gt", 0)), name="treasury_forecastrun_days_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="forecastitem",
            index=models.Index(fields=["run", "on_day"], name="treasury_forecastitem_by_day"),
        ),
        migrations.AddConstraint(
            model_name="forecastday",
            constraint=models.UniqueConstraint(fields=("run", "on_day"), name="treasury_forecastday_once"),
        ),
        migrations.AddConstraint(
            model_name="forecastday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("low_fen__lte", models.F("mid_fen")), ("mid_fen__lte", models.F("high_fen"))
                ),
                name="treasury_forecastday_band_ordered",
            ),
        ),
        migrations.AddIndex(
            model_name="knownflow",
            index=models.Index(fields=["on_day"], name="treasury_knownflow_by_day"),
        ),
        migrations.AddConstraint(
            model_name="knownflow",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_fen", 0), _negated=True),
                name="treasury_knownflow_amount_not_zero",
            ),
        ),
        migrations.AddConstraint(
            model_name="knownflow",
            constraint=models.CheckConstraint(
                condition=models.Q(("label", ""), _negated=True), name="treasury_knownflow_label_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="knownflow",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("transfer", "debt", "repayment", "salary", "other"))),
                name="treasury_knownflow_kind_known",
            ),
        ),
        migrations.RunSQL((SQL / "v_treasury_cash_forecast.sql").read_text(encoding="utf-8"), DROP),
        migrations.RunSQL(FIRST_LINE, "DELETE FROM treasury_cashline"),
    ]
