"""The doors to region, sections and units: made, moved, closed, one by one or as a whole list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from fisc.base.errors import BadInput, Conflict, NotAllowed
from fisc.base.text import clean
from fisc.kernel.orgs import audit
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Region, Section, Unit


@dataclass(frozen=True)
class UnitDraft:
    """A unit as a person or a file writes it; parents and sections by their codes."""

    code: str
    name: str
    kind: str = "unit"
    short_name: str = ""
    parent_code: str | None = None
    unit_kind: str = "administrative"
    section_code: str | None = None
    region_code: str | None = None


@dataclass(frozen=True)
class RegionDraft:
    """A 行政区划 of this installation."""

    code: str
    name: str
    level: str = "district"
    parent_code: str | None = None


def save_regions(*, drafts: Sequence[RegionDraft], actor: Actor, at: datetime) -> dict[str, Region]:
    """This will make or rename regions, parents first in the list; gives them by code."""
    _require(actor)
    with transaction.atomic():
        for draft in drafts:
            parent = Region.objects.get(code=draft.parent_code) if draft.parent_code else None
            Region.objects.update_or_create(
                code=draft.code, defaults={"name": clean(draft.name), "level": draft.level, "parent": parent}
            )
        _record(actor, at, "orgs.region.save", {"codes": [draft.code for draft in drafts]})
    return {
        region.code: region for region in Region.objects.filter(code__in=[draft.code for draft in drafts])
    }


def save_sections(*, names: dict[str, str], actor: Actor, at: datetime) -> dict[str, Section]:
    """This will make or rename the bureau's sections, given as code → name."""
    _require(actor)
    with transaction.atomic():
        for code, name in names.items():
            Section.objects.update_or_create(code=code, defaults={"name": clean(name)})
        _record(actor, at, "orgs.section.save", {"codes": sorted(names)})
    return {section.code: section for section in Section.objects.filter(code__in=names)}


def save_units(*, drafts: Sequence[UnitDraft], actor: Actor, at: datetime) -> dict[str, Unit]:
    """This will make or change units, superiors before subordinates in the list; gives them by code.

    :raises BadInput: for an unknown superior, section or region, or a ring in the tree.
    """
    _require(actor)
    sections = {section.code: section for section in Section.objects.all()}
    regions = {region.code: region for region in Region.objects.all()}
    units = {unit.code: unit for unit in Unit.objects.all()}
    try:
        with transaction.atomic():
            for draft in drafts:
                units[draft.code] = _save_unit(draft, units, sections, regions)
            _record(actor, at, "orgs.unit.save", {"codes": [draft.code for draft in drafts]})
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name in ("orgs_unit_no_ring", "orgs_unit_not_own_parent"):
            raise BadInput("单位不能隶属于自己或自己的下级。", code="orgs.unit_ring") from error
        if name == "orgs_unit_name_given":
            raise BadInput("单位名称不能为空。", code="orgs.unit_name") from error
        raise
    return {draft.code: units[draft.code] for draft in drafts}


def _save_unit(
    draft: UnitDraft, units: dict[str, Unit], sections: dict[str, Section], regions: dict[str, Region]
) -> Unit:
    for shown, code, known in (
        ("上级单位", draft.parent_code, units),
        ("归口股室", draft.section_code, sections),
        ("区划", draft.region_code, regions),
    ):
        if code and code not in known:
            raise BadInput(f"单位 {draft.code} 的{shown} {code} 不存在。", code="orgs.unit_reference")
    if draft.kind not in Unit.Kind.values or draft.unit_kind not in Unit.UnitKind.values:
        raise BadInput(f"单位 {draft.code} 的类别或性质不认识。", code="orgs.unit_kind")
    unit, _ = Unit.objects.update_or_create(
        code=draft.code,
        defaults={
            "name": clean(draft.name),
            "short_name": clean(draft.short_name),
            "kind": draft.kind,
            "unit_kind": draft.unit_kind,
            "parent": units[draft.parent_code] if draft.parent_code else None,
            "section": sections[draft.section_code] if draft.section_code else None,
            "region": regions[draft.region_code] if draft.region_code else None,
        },
    )
    return unit


def set_unit_active(*, unit_id: int, is_active: bool, actor: Actor, at: datetime) -> Unit:
    """This will close or reopen a unit; it stays in the books. :raises Conflict: while active ones hang on it."""
    _require(actor)
    with transaction.atomic():
        unit = Unit.objects.select_for_update().get(pk=unit_id)
        if not is_active and unit.children.filter(is_active=True).exists():
            raise Conflict("还有启用的下级单位，请先停用或划转下级单位。", code="orgs.unit_has_children")
        unit.is_active = is_active
        unit.save(update_fields=["is_active"])
        _record(
            actor, at, "orgs.unit.enable" if is_active else "orgs.unit.disable", {"code": unit.code}, unit.pk
        )
    return unit


def _require(actor: Actor) -> None:
    if not actor.can("orgs.units.edit"):
        raise NotAllowed("您没有“维护单位与股室”的权限（orgs.units.edit）。")


def _record(
    actor: Actor, at: datetime, action: str, detail: dict[str, object], object_id: int | None = None
) -> None:
    audit.record(
        actor=actor, at=at, action=action, object_kind="orgs.unit", object_id=object_id, detail=detail
    )
