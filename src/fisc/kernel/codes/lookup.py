"""Questions about codes: what is this, what is below it, which are wrong. All read from the catalogue of a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from django.db import connection
from django.db.models import Q

from fisc.base.errors import FiscError
from fisc.base.text import match_key, pinyin_initials
from fisc.kernel.codes import models
from fisc.kernel.codes.catalogue import Code, catalogue
from fisc.kernel.codes.kinds import KINDS, list_funds

_SUGGESTIONS = 3
_FAMILY = 3  # characters: the class (类) of a classification
_NEAR_POOL = 30
_NEAR_RATIO = 0.7
_INITIALS_FROM = 2  # letters; one letter would match half of the list


class UnknownCode(FiscError):
    """{title}中没有编码“{shown}”（{year}年度）。"""

    code = "codes.unknown"


@dataclass(frozen=True)
class CodeProblem:
    """Why a code cannot be used: ``unknown``, ``parent`` (a heading where a leaf is due) or ``expired``."""

    problem: str
    code: str
    message: str
    suggestions: tuple[Code, ...] = ()


def get(*, kind: str, code: str, year: int, fund: str | None = None) -> Code:
    """This will give the code as it stands in the year. :raises UnknownCode: if the year does not know it."""
    found = find(kind=kind, code=code, year=year, fund=fund)
    if found is None:
        raise UnknownCode(title=KINDS[kind].title, shown=code, year=year)
    return found


def find(*, kind: str, code: str, year: int, fund: str | None = None) -> Code | None:
    """This will give the code as it stands in the year, or None."""
    lists = catalogue(kind, year).by_fund
    for list_fund in list_funds(kind, fund):
        if found := lists.get(list_fund, {}).get(code):
            return found
    return None


def names(*, kind: str, codes: Iterable[str], year: int, fund: str | None = None) -> dict[str, str]:
    """This will give the names of the codes that the year knows; one cached list, no query per code."""
    lists = [catalogue(kind, year).by_fund.get(list_fund, {}) for list_fund in list_funds(kind, fund)]
    found = {}
    for code in set(codes):
        for by_code in lists:
            if code in by_code:
                found[code] = by_code[code].name
                break
    return found


def children(*, kind: str, parent: str, year: int, fund: str | None = None) -> list[Code]:
    """This will list the codes right below a code; the top of the list below an empty string.

    Without a fund a code that several funds share is given once.
    """
    listed: dict[str, Code] = {}
    known = catalogue(kind, year).children
    for list_fund in list_funds(kind, fund):
        for code in known.get((list_fund, parent), ()):
            listed.setdefault(code.code, code)
    return sorted(listed.values(), key=lambda code: code.code)


def path(*, kind: str, code: str, year: int, fund: str | None = None) -> list[Code]:
    """This will list the code with its superiors, highest first. :raises UnknownCode: if the year does not know it."""
    found = [get(kind=kind, code=code, year=year, fund=fund)]
    while found[0].parent:
        found.insert(0, get(kind=kind, code=found[0].parent, year=year, fund=found[0].fund or None))
    return found


def descendants(*, kind: str, code: str, year: int, fund: str | None = None) -> list[Code]:
    """This will list everything below a code, depth first in code order, without the code itself."""
    listed = []
    for child in children(kind=kind, parent=code, year=year, fund=fund):
        listed.append(child)
        listed.extend(descendants(kind=kind, code=child.code, year=year, fund=fund))
    return listed


def search(
    *, kind: str, text: str, year: int, fund: str | None = None, leaf_only: bool = False, limit: int = 20
) -> list[Code]:
    """This will find codes by the beginning of the code, a piece of the name, or pinyin initials, best first."""
    sought = match_key(text)
    ranked = []
    for code in _codes(kind, year, fund):
        if leaf_only and not code.is_leaf:
            continue
        rank = _rank(code, sought)
        if rank is not None:
            ranked.append((rank, code.code, code))
    ranked.sort(key=lambda entry: entry[:2])
    return [code for _, _, code in ranked[:limit]]


def _codes(kind: str, year: int, fund: str | None) -> Iterator[Code]:
    lists = catalogue(kind, year).by_fund
    seen: set[str] = set()
    for list_fund in list_funds(kind, fund):
        for code in lists.get(list_fund, {}).values():
            if code.code not in seen:
                seen.add(code.code)
                yield code


def _rank(code: Code, sought: str) -> tuple[int, int] | None:
    """Smaller is better: exact code, code prefix, name begins, name contains, initials begin, initials contain."""
    if not sought:
        return (1, len(code.code))
    if code.code == sought:
        return (0, 0)
    if code.code.lower().startswith(sought):
        return (1, len(code.code))
    name = match_key(code.name)
    if name == sought:
        return (0, 1)
    if sought in name:
        return (2 if name.startswith(sought) else 3, len(name))
    if len(sought) >= _INITIALS_FROM and sought.isascii() and sought.isalpha():
        initials = pinyin_initials(code.name)
        if sought in initials:
            return (4 if initials.startswith(sought) else 5, len(initials))
    return None


def check_many(
    *, kind: str, codes: Iterable[str], year: int, fund: str | None = None, leaf_only: bool = True
) -> dict[str, CodeProblem]:
    """This will return the codes that cannot be used in the year, each with the reason and near codes.

    Set-based: good codes cost a look-up in memory; only for wrong ones are other years asked, once.
    """
    lists = [catalogue(kind, year).by_fund.get(list_fund, {}) for list_fund in list_funds(kind, fund)]
    headings: dict[str, Code] = {}
    missing: list[str] = []
    for code in set(codes):
        versions = [by_code[code] for by_code in lists if code in by_code]
        if not versions:
            missing.append(code)
        elif leaf_only and not any(version.is_leaf for version in versions):
            headings[code] = versions[0]
    problems = {code: _heading_problem(found, year, fund) for code, found in headings.items()}
    problems.update(_missing_problems(kind, missing, year, fund, leaf_only))
    return problems


def _heading_problem(found: Code, year: int, fund: str | None) -> CodeProblem:
    below = [
        code for code in descendants(kind=found.kind, code=found.code, year=year, fund=fund) if code.is_leaf
    ]
    shown = "、".join(code.label for code in below[:_SUGGESTIONS])
    return CodeProblem(
        "parent",
        found.code,
        f"{found.label} 不是末级科目，请填写其下级，如 {shown}。",
        tuple(below[:_SUGGESTIONS]),
    )


def _missing_problems(
    kind: str, missing: list[str], year: int, fund: str | None, leaf_only: bool
) -> Iterator[tuple[str, CodeProblem]]:
    if not missing:
        return
    title = KINDS[kind].title
    elsewhere = _other_years(kind, missing, fund)
    candidates = {code.code: code for code in _codes(kind, year, fund) if code.is_leaf or not leaf_only}
    for code in missing:
        near = tuple(candidates[match] for match in nearest(code, candidates))
        hint = f"是否为 {'、'.join(found.label for found in near)}？" if near else "请核对编码。"
        if version := elsewhere.get(code):
            until = version.valid_to_year or "今"
            span = f"{version.valid_from_year}—{until}年度"
            yield (
                code,
                CodeProblem(
                    "expired", code, f"{code} {version.name} 只在{span}有效，{year}年度不能使用。{hint}", near
                ),
            )
        else:
            yield code, CodeProblem("unknown", code, f"{title}中没有编码 {code or '（空）'}。{hint}", near)


def nearest(code: str, candidates: Iterable[str]) -> list[str]:
    """This will list the few codes from which a slip of the hand makes this one: same beginning, digits swapped."""
    listed = list(candidates)
    family = [known for known in listed if known[:_FAMILY] == code[:_FAMILY]] or listed
    close = get_close_matches(code, family, _NEAR_POOL, _NEAR_RATIO)

    def distance(known: str) -> tuple[int, bool]:
        return (-_shared(known, code), sorted(known) != sorted(code))

    return sorted(close, key=distance)[:_SUGGESTIONS]


def _shared(left: str, right: str) -> int:
    """How many characters two codes begin with in common."""
    return next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )


def _other_years(kind: str, codes: list[str], fund: str | None) -> dict[str, models.Code]:
    rows = models.Code.objects.filter(kind=kind, code__in=codes, fund__in=list_funds(kind, fund))
    return {row.code: row for row in rows.order_by("valid_from_year")}


def mark_used(*, kind: str, codes: Iterable[str], year: int, fund: str | None = None) -> None:
    """This will fix the meaning of these codes in the fiscal year: from now on a trigger refuses to change it."""
    list_fund = list_funds(kind, fund)[0] if fund or not KINDS[kind].by_fund else ""
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return
    with connection.cursor() as cursor:
        if KINDS[kind].by_fund and not fund:
            raise ValueError(f"codes of kind {kind} need their fund")
        cursor.execute("SELECT codes_mark_used(%s, %s, %s, %s)", [kind, list_fund, wanted, year])


def is_used(*, kind: str, code: str, fund: str | None = None, year: int | None = None) -> bool:
    """This will say whether the code was used (in that year, or ever)."""
    condition = Q(kind=kind, code=code, fund__in=list_funds(kind, fund))
    if year is not None:
        condition &= Q(fiscal_year=year)
    return models.Usage.objects.filter(condition).exists()


def counted(*, kind: str, year: int, attribute: str = "counted", value: str = "yes") -> tuple[str, ...]:
    """This will list the codes of a local list that count in the year, e.g. the functions of 民生支出 (F10)."""
    return tuple(code.code for code in _codes(kind, year, None) if code.attributes.get(attribute) == value)


def government_codes(*, department_code: str, unit_kind: str, year: int) -> list[str]:
    """This will list the government economic items a department item may go into, the sure ones first.

    ``unit_kind`` is administrative (行政及参公) or institution (事业). Source: 财预〔2017〕98号.
    """
    rows = models.EconomicMapping.objects.filter(
        Q(valid_to_year__isnull=True) | Q(valid_to_year__gte=year),
        department_code=department_code,
        unit_kind__in=(unit_kind, "any"),
        valid_from_year__lte=year,
    )
    ordered = sorted(rows, key=lambda row: (row.unit_kind == "any", row.confidence != "verified", row.id))
    return list(dict.fromkeys(row.government_code for row in ordered))


def translate(
    *, kind: str, codes: Iterable[str], from_year: int, to_year: int, fund: str | None = None
) -> dict[str, str]:
    """This will carry codes of one fiscal year over into a later one (年度结转); an unmapped code stays as it is."""
    listed = sorted(set(codes))
    steps = models.Mapping.objects.filter(
        kind=kind, fund__in=list_funds(kind, fund), from_year__gt=from_year, from_year__lte=to_year
    ).order_by("from_year", "id")
    current = {code: code for code in listed}
    by_year: dict[int, dict[str, str]] = {}
    for step in steps:
        by_year.setdefault(step.from_year, {})[step.old_code] = step.new_code
    for year in sorted(by_year):
        current = {old: by_year[year].get(new, new) for old, new in current.items()}
    return current
