"""The document kinds that are installed, by code. `fisc.kernel.modules` fills this; nothing registers by import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from fisc.kernel.documents.spec import DocumentKind

_kinds: dict[str, DocumentKind] = {}


def install(kinds: Iterable[DocumentKind]) -> None:
    """This will make these the kinds of the running program, in place of any others.

    :raises ValueError: two kinds share a code or a number prefix.
    """
    by_code: dict[str, DocumentKind] = {}
    prefixes: dict[str, str] = {}
    for kind in kinds:
        if kind.code in by_code:
            raise ValueError(f"document kind {kind.code} is declared twice")
        if kind.prefix in prefixes:
            raise ValueError(f"{kind.code} and {prefixes[kind.prefix]} share the number prefix {kind.prefix}")
        by_code[kind.code] = kind
        prefixes[kind.prefix] = kind.code
    _kinds.clear()
    _kinds.update(by_code)


def get(kind: str | DocumentKind) -> DocumentKind:
    """The kind of that code (a kind is given back as it is). :raises KeyError: no such kind is installed."""
    if isinstance(kind, DocumentKind):
        return kind
    try:
        return _kinds[kind]
    except KeyError:
        raise KeyError(f"no document kind {kind!r} is installed") from None


def installed() -> tuple[DocumentKind, ...]:
    """All kinds, in the order of their modules."""
    return tuple(_kinds.values())


@contextmanager
def also(*kinds: DocumentKind) -> Iterator[None]:
    """This will add kinds for the length of a block (tests, the benchmark)."""
    before = dict(_kinds)
    _kinds.update({kind.code: kind for kind in kinds})
    try:
        yield
    finally:
        _kinds.clear()
        _kinds.update(before)
