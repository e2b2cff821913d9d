"""What other modules have to say before a step: a guard refuses, and may read, but never changes the document.

A module watches over a step of another module without either importing the other (三保 blocks the reply of the
budget, 三公 ceilings block a supplement). `fisc.kernel.modules` fills this; nothing registers by import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall

Guard = Callable[["StepCall"], None]
_guards: dict[str, tuple[Guard, ...]] = {}


def install(guards: Mapping[str, Sequence[Guard]]) -> None:
    """This will make these the guards of the running program: "kind.step" → functions, asked in order."""
    _guards.clear()
    _guards.update({step: tuple(found) for step, found in guards.items()})


def of(step: str) -> Iterable[Guard]:
    """The guards of a step, written as its permission ("preparation.reply.issue")."""
    return _guards.get(step, ())


def installed() -> Mapping[str, Sequence[Guard]]:
    """All guards, by step."""
    return dict(_guards)


@contextmanager
def also(guards: Mapping[str, Sequence[Guard]]) -> Iterator[None]:
    """This will add guards for the length of a block (tests)."""
    before = dict(_guards)
    for step, found in guards.items():
        _guards[step] = (*_guards.get(step, ()), *found)
    try:
        yield
    finally:
        _guards.clear()
        _guards.update(before)
