"""Payments under 三公 ceilings, their place in the queue when cash is short, and the guards at the last doors."""

from pathlib import Path

import django.db.models.expressions
import django.db.models.lookups
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP_GUARDS = """
DROP TRIGGER treasury_payment_of_allotment ON treasury_payment;
DROP TRIGGER treasury_batch_of_allotment ON treasury_batch;
DROP TRIGGER treasury_cashplan_of_allotment ON treasury_cashplan;
DROP TRIGGER treasury_payment_keeps_allotment ON treasury_payment;
DROP TRIGGER treasury_batch_keeps_allotment ON treasury_batch;
DROP TRIGGER treasury_instruction_within_hold ON treasury_instruction;
DROP TRIGGER treasury_instruction_unchanged ON treasury_instruction;
DROP FUNCTION treasury_guard_drawings;
DROP FUNCTION treasury_guard_allotment;
DROP FUNCTION treasury_guard_instructions;
DROP FUNCTION treasury_guard_instruction_facts;
"""


def sql(name: str) -> str:
    """One file of the module's SQL."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_views_of_holds_and_days"),
        ("treasury", "0003_change_of_control"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="ceiling",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="三公限额"),
        ),
        migrations.AddField(
            model_name="batch",
            name="is_migrant_wage",
            field=models.BooleanField(default=False, verbose_name="农民工工资"),
        ),
        migrations.AddField(
            model_name="batch",
            name="is_upper_transfer",
            field=models.BooleanField(default=False, editable=False, verbose_name="上级转移支付"),
        ),
        migrations.AddField(
            model_name="payment",
            name="is_migrant_wage",
            field=models.BooleanField(default=False, verbose_name="农民工工资"),
        ),
        migrations.AddField(
            model_name="payment",
            name="is_upper_transfer",
            field=models.BooleanField(default=False, editable=False, verbose_name="上级转移支付"),
        ),
        migrations.AddField(
            model_name="payment",
            name="ceiling",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="三公限额"),
        ),
        migrations.AddField(
            model_name="batch",
            name="priority",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        django.db.models.lookups.GreaterThan(
                            django.db.models.expressions.CombinedExpression(
                                models.F("flags"), "&", models.Value(1)
                            ),
                            models.Value(0),
                        ),
                        then=models.Value(1),
                    ),
                    models.When(is_migrant_wage=True, then=models.Value(2)),
                    models.When(
                        django.db.models.lookups.GreaterThan(
                            django.db.models.expressions.CombinedExpression(
                                models.F("flags"), "&", models.Value(2)
                            ),
                            models.Value(0),
                        ),
                        then=models.Value(3),
                    ),
                    models.When(is_upper_transfer=True, then=models.Value(3)),
                    default=models.Value(4),
                ),
                output_field=models.SmallIntegerField(),
                verbose_name="支付顺序",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="priority",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        django.db.models.lookups.GreaterThan(
                            django.db.models.expressions.CombinedExpression(
                                models.F("flags"), "&", models.Value(1)
                            ),
                            models.Value(0),
                        ),
                        then=models.Value(1),
                    ),
                    models.When(is_migrant_wage=True, then=models.Value(2)),
                    models.When(
                        django.db.models.lookups.GreaterThan(
                            django.db.models.expressions.CombinedExpression(
                                models.F("flags"), "&", models.Value(2)
                            ),
                            models.Value(0),
                        ),
                        then=models.Value(3),
                    ),
                    models.When(is_upper_transfer=True, then=models.Value(3)),
                    default=models.Value(4),
                ),
                output_field=models.SmallIntegerField(),
                verbose_name="支付顺序",
            ),
        ),
        migrations.RunSQL(sql("v_payment_facts"), "DROP VIEW v_payment_facts"),
        migrations.RunSQL(sql("v_treasury_unfinished"), "DROP VIEW v_treasury_unfinished"),
        migrations.RunSQL(sql("instruction_guard"), DROP_GUARDS),
    ]
