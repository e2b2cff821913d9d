"""What templates, masks and standard reports name is declared by the installed modules."""

import pytest

from fisc.domains.narrative import assembly
from fisc.domains.narrative import template as templates
from fisc.kernel.metrics.spec import Metric
from fisc.kernel.modules import registry
from fisc.kernel.reports import layouts
from fisc.kernel.reports.spec import ReportLayout


@pytest.fixture
def declared() -> dict[str, Metric]:
    return dict(registry.current().metrics)


@pytest.mark.parametrize("item", assembly.templates().values(), ids=lambda item: item.code)
def test_templates_name_declared_metrics(item: templates.Template, declared: dict[str, Metric]) -> None:
    assert templates.unknown_metrics(item, declared) == []


@pytest.mark.parametrize("item", assembly.templates().values(), ids=lambda item: item.code)
def test_forms_fit_the_units(item: templates.Template, declared: dict[str, Metric]) -> None:
    units = {
        "amount": "fen",
        "change": "percent",
        "rate": "percent",
        "points": "points",
        "respectively": "percent",
        "reached": "percent",
    }

    wrong = [
        slot.name
        for slot in item.slots.values()
        for code in slot.metrics
        if slot.form != "count" and declared[code].unit != units[slot.form]
    ]

    assert wrong == []


@pytest.mark.parametrize("mask", templates.masks().values(), ids=lambda mask: mask.code)
def test_masks_hide_declared_metrics(mask: templates.Mask, declared: dict[str, Metric]) -> None:
    assert [pattern for pattern in mask.hide if "*" not in pattern and pattern not in declared] == []


@pytest.mark.parametrize("layout", layouts.STANDARD, ids=lambda layout: layout.code)
def test_standard_reports_name_declared_metrics(layout: ReportLayout, declared: dict[str, Metric]) -> None:
    assert [column.metric for column in layout.columns if column.metric not in declared] == []
