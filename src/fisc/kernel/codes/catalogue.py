"""A code list of one fiscal year in memory, and the cache that notices when any process changed a code.

One small query per call asks for the stamp; the lists themselves are read once per (kind, year) and change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from django.db import connection
from django.db.models import Q

from fisc.kernel.codes import models

_CACHE_LIMIT = 256


@dataclass(frozen=True)
class Code:
    """A code as it stands in one fiscal year. ``parent`` is the superior's code or an empty string."""

    kind: str
    fund: str
    code: str
    name: str
    level: int
    parent: str
    is_leaf: bool
    confidence: str
    evidence: str
    note: str
    attributes: Mapping[str, str] = field(hash=False, compare=False, default_factory=dict)
    valid_from_year: int = 0
    valid_to_year: int | None = None

    @property
    def label(self) -> str:
        """Code and name as one reads them: 2050203 初中教育."""
        return f"{self.code} {self.name}"


@dataclass(frozen=True)
class Catalogue:
    """All codes of one kind in one year, by fund and code."""

    by_fund: Mapping[str, Mapping[str, Code]]
    children: Mapping[tuple[str, str], tuple[Code, ...]]


_cache: dict[tuple[str, str, int], Catalogue] = {}
_cached_stamp: dict[str, UUID | None] = {}
_lock = Lock()


def catalogue(kind: str, year: int) -> Catalogue:
    """This will give the list of that kind in that fiscal year."""
    stamp = _current_stamp()
    key = (connection.alias, kind, year)
    with _lock:
        if _cached_stamp.get(connection.alias, stamp) != stamp or len(_cache) > _CACHE_LIMIT:
            _cache.clear()
        _cached_stamp[connection.alias] = stamp
        found = _cache.get(key)
    if found is None:
        found = _read(kind, year)
        with _lock:
            if _cached_stamp.get(connection.alias) == stamp:
                _cache[key] = found
    return found


def _current_stamp() -> UUID | None:
    return models.Stamp.objects.filter(id=1).values_list("stamp", flat=True).first()


def _read(kind: str, year: int) -> Catalogue:
    rows = models.Code.objects.filter(Q(valid_to_year__isnull=True) | Q(valid_to_year__gte=year))
    rows = rows.filter(kind=kind, valid_from_year__lte=year).order_by("fund", "code")
    listed = list(rows)
    parents = {(row.fund, row.parent) for row in listed if row.parent}
    by_fund: dict[str, dict[str, Code]] = {}
    children: dict[tuple[str, str], list[Code]] = {}
    for row in listed:
        code = _plain(row, is_leaf=(row.fund, row.code) not in parents)
        by_fund.setdefault(row.fund, {})[row.code] = code
        children.setdefault((row.fund, row.parent), []).append(code)
    return Catalogue(by_fund, {key: tuple(codes) for key, codes in children.items()})


def _plain(row: models.Code, *, is_leaf: bool) -> Code:
    return Code(
        kind=row.kind,
        fund=row.fund,
        code=row.code,
        name=row.name,
        level=row.level,
        parent=row.parent,
        is_leaf=is_leaf,
        confidence=row.confidence,
        evidence=row.evidence,
        note=row.note,
        attributes=row.attributes,
        valid_from_year=row.valid_from_year,
        valid_to_year=row.valid_to_year,
    )
