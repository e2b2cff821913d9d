"""The imports that are installed, by code. `fisc.kernel.modules` fills this; nothing registers by import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from fisc.kernel.exchange.errors import UnknownKind
from fisc.kernel.exchange.spec import ImportSpec

_specs: dict[str, ImportSpec] = {}


def install(specs: Iterable[ImportSpec]) -> None:
    """This will make these the imports of the running program, in place of any others.

    :raises ValueError: two imports share a code, or one names a column it does not have.
    """
    by_code: dict[str, ImportSpec] = {}
    for spec in specs:
        if spec.code in by_code:
            raise ValueError(f"import {spec.code} is declared twice")
        _check(spec)
        by_code[spec.code] = spec
    _specs.clear()
    _specs.update(by_code)


def _check(spec: ImportSpec) -> None:
    keys = {column.key for column in spec.columns}
    named = {*spec.keys, *filter(None, (spec.control_total, spec.period_key))}
    if unknown := named - keys:
        raise ValueError(f"import {spec.code} names columns it does not have: {sorted(unknown)}")
    for column in (*spec.columns, *spec.params):
        if column.kind == "code" and not column.code_kind:
            raise ValueError(f"import {spec.code}: column {column.key} does not say its code list")
        if column.kind == "choice" and not column.choices:
            raise ValueError(f"import {spec.code}: column {column.key} has no choices")


def get(code: str) -> ImportSpec:
    """The import of that code. :raises UnknownKind: there is none."""
    try:
        return _specs[code]
    except KeyError:
        raise UnknownKind(kind=code, known="、".join(sorted(_specs)) or "（无）") from None


def installed() -> tuple[ImportSpec, ...]:
    """All imports, in the order of their modules."""
    return tuple(_specs.values())


@contextmanager
def also(*specs: ImportSpec) -> Iterator[None]:
    """This will add imports for the length of a block (tests)."""
    before = dict(_specs)
    for spec in specs:
        _check(spec)
    _specs.update({spec.code: spec for spec in specs})
    try:
        yield
    finally:
        _specs.clear()
        _specs.update(before)
