"""How long work reports that it moves on."""

from typing import Protocol


class Progress(Protocol):
    """Called as progress(what, done, total); a total of None means that it is not known."""

    def __call__(self, what: str, done: int, total: int | None, /) -> None: ...


def silent(what: str, done: int, total: int | None, /) -> None:
    """Report to nobody."""
