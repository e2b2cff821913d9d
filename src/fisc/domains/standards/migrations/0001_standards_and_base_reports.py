"""Standards with dated amounts, base reports with their figures."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0004_fewer_indexes_on_headers"),
        ("orgs", "0002_guards_in_the_database"),
    ]

    operations = [
        migrations.CreateModel(
            name="BaseReport",
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
                ("year", models.PositiveSmallIntegerField(verbose_name="预算年度")),
                ("counted_on", models.DateField(blank=True, null=True, verbose_name="数据截止日")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="说明")),
                ("is_current", models.BooleanField(default=True, editable=False, verbose_name="现行")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "基础信息表",
                "verbose_name_plural": "基础信息表",
                "db_table": "standards_base_report",
            },
        ),
        migrations.CreateModel(
            name="BaseFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("measure", models.CharField(max_length=24, verbose_name="口径")),
                ("quantity", models.BigIntegerField(verbose_name="数量")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="standards.basereport",
                    ),
                ),
            ],
            options={
                "verbose_name": "基础数据",
                "verbose_name_plural": "基础数据",
                "db_table": "standards_base_figure",
            },
        ),
        migrations.CreateModel(
            name="Standard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=12, unique=True, verbose_name="标准编码")),
                ("name", models.CharField(max_length=60, verbose_name="标准名称")),
                (
                    "category",
                    models.CharField(
                        choices=[("personnel", "人员经费"), ("public", "公用经费")],
                        max_length=10,
                        verbose_name="经费类别",
                    ),
                ),
                (
                    "guarantee_item",
                    models.CharField(blank=True, default="", max_length=6, verbose_name="三保项目"),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("national", "国家标准"), ("local", "地方标准")],
                        max_length=8,
                        verbose_name="标准层级",
                    ),
                ),
                ("economic_code", models.CharField(max_length=5, verbose_name="部门经济分类")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("posts_admin", "行政编制"),
                            ("staff_admin", "行政在职"),
                            ("posts_career", "事业编制"),
                            ("staff_career", "事业在职"),
                            ("retirees", "离退休"),
                            ("vehicle_posts", "公车编制"),
                            ("vehicles", "公车实有"),
                            ("area", "房屋面积"),
                            ("pupils_preschool", "幼儿园学生"),
                            ("registered_preschool", "幼儿园学籍"),
                            ("pupils_primary", "小学学生"),
                            ("registered_primary", "小学学籍"),
                            ("pupils_junior", "初中学生"),
                            ("registered_junior", "初中学籍"),
                            ("pupils_senior", "高中职高学生"),
                            ("registered_senior", "高中职高学籍"),
                            ("pupils_special", "特教学生"),
                            ("registered_special", "特教学籍"),
                            ("boarders", "寄宿生"),
                            ("staff", "在职人员"),
                        ],
                        max_length=24,
                        verbose_name="数量口径",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("any", "所有单位"),
                            ("administrative", "行政单位"),
                            ("institution", "事业单位"),
                            ("school", "学校"),
                            ("career", "事业单位（不含学校）"),
                            ("not_school", "学校以外的单位"),
                        ],
                        default="any",
                        max_length=16,
                        verbose_name="适用单位",
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="说明")),
            ],
            options={
                "verbose_name": "支出标准",
                "verbose_name_plural": "支出标准",
                "db_table": "standards_standard",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="standards_standard_name_given"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("economic_code", ""), _negated=True),
                        name="standards_standard_economic_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_fen", models.BigIntegerField(verbose_name="每年标准")),
                (
                    "least_quantity",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="不足按此数计"),
                ),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至")),
                ("source", models.CharField(max_length=200, verbose_name="依据")),
                (
                    "confidence",
                    models.CharField(
                        choices=[("verified", "已核对文件"), ("likely", "基本可信"), ("example", "示例")],
                        max_length=8,
                        verbose_name="可信度",
                    ),
                ),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rates",
                        to="standards.standard",
                    ),
                ),
            ],
            options={
                "verbose_name": "标准执行数",
                "verbose_name_plural": "标准执行数",
                "db_table": "standards_rate",
                "ordering": ("standard_id", "valid_from"),
            },
        ),
        migrations.AddConstraint(
            model_name="basereport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("unit", "year"),
                name="standards_base_report_one_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="basereport",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__range", (2000, 2099))), name="standards_base_report_year_sane"
            ),
        ),
        migrations.AddConstraint(
            model_name="basefigure",
            constraint=models.UniqueConstraint(
                fields=("report", "measure"), name="standards_base_figure_one_a_measure"
            ),
        ),
        migrations.AddConstraint(
            model_name="basefigure",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__range", (0, 10000000))), name="standards_base_figure_sane"
            ),
        ),
        migrations.AddConstraint(
            model_name="basefigure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "measure__in",
                        [
                            "posts_admin",
                            "staff_admin",
                            "posts_career",
                            "staff_career",
                            "retirees",
                            "vehicle_posts",
                            "vehicles",
                            "area",
                            "pupils_preschool",
                            "registered_preschool",
                            "pupils_primary",
                            "registered_primary",
                            "pupils_junior",
                            "registered_junior",
                            "pupils_senior",
                            "registered_senior",
                            "pupils_special",
                            "registered_special",
                            "boarders",
                        ],
                    )
                ),
                name="standards_base_figure_measure_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_fen__gte", 0)), name="standards_rate_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True), name="standards_rate_source_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_from__day", 1)), name="standards_rate_from_first_of_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="standards_rate_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("standard", "="),
                    (
                        models.Func(
                            models.F("valid_from"),
                            models.F("valid_to"),
                            models.Value("[]"),
                            function="daterange",
                        ),
                        "&&",
                    ),
                ],
                name="standards_rate_one_a_day",
            ),
        ),
    ]
