"""The dated tables the module ships: loaded into an empty table after a migration, from then on the bureau's own."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q

CODES = Path(__file__).parent / "codes"
Dated = TypeVar("Dated", bound=models.Model)


def load_defaults() -> int:
    """This function will fill the tables that are still empty, and return how many rows were loaded."""
    from fisc.domains.budget.models import CutExemption, CutLadder, TransferRule, YearEndRule

    present = set(connection.introspection.table_names())
    shipped = {
        TransferRule: "transfer_rules.csv",
        YearEndRule: "year_end_rules.csv",
        CutLadder: "cut_ladder.csv",
        CutExemption: "cut_exemptions.csv",
    }
    return sum(
        _load(model, CODES / name)
        for model, name in shipped.items()
        if model._meta.db_table in present and not model._default_manager.exists()
    )


def _load(model: type[models.Model], path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [
            model(**{key: _value(model._meta.get_field(key), text) for key, text in row.items()})
            for row in csv.DictReader(handle)
        ]
    return len(model._default_manager.bulk_create(rows))


def _value(field: Any, text: str) -> Any:
    if isinstance(field, ArrayField):
        return text.split("|") if text else []
    if isinstance(field, models.BooleanField):
        return text == "1"
    return None if text == "" and field.null else field.to_python(text)


def in_force(rows: models.QuerySet[Dated], on: dt.date) -> Iterable[Dated]:
    """The rows of a dated table that hold on a day."""
    return rows.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
