"""What Fisc answers when it will not do something: named classes, a stable code, a Chinese sentence with its facts.

The docstring of an own error class is its message template, as in procrastinate:

    class PeriodClosed(Refusal):
        "{period_name}已结账，不能再记账。"
        code = "ledger.period_closed"

    raise PeriodClosed(period_name="2023年5月", ways=[Way(label="查看期间", target="ledger.periods")])
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class Way:
    """One lawful way on: what it is called, where it leads (a page's name or address), with which parameters."""

    label: str
    target: str
    params: Mapping[str, Any] = field(default_factory=dict)


class FiscError(Exception):
    """{message}"""

    code: ClassVar[str] = "fisc.error"

    def __init__(self, message: str | None = None, *, code: str | None = None, **facts: Any) -> None:
        """Take a whole message, or the facts that fill the class's template. `code` names an ad-hoc case."""
        self.facts: dict[str, Any] = facts
        self.error_code = code or type(self).code
        self.message = message if message is not None else self._from_template()
        super().__init__(self.message)

    @classmethod
    def of(cls, code: str, message: str, /, **facts: Any) -> Self:
        """Build an error without an own class: a code, a message template and the facts that fill it."""
        error = cls(message.format(**facts) if facts else message, code=code)
        error.facts = facts  # set here, so that a fact may be called "code" or "message"
        return error

    def _from_template(self) -> str:
        template = (type(self).__doc__ or "").strip().split("\n", 1)[0]
        return template.format(**{"message": "操作没有完成。", **self.facts})

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.__dict__.copy())


def _rebuild(kind: type[FiscError], state: dict[str, Any]) -> FiscError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (state["message"],)
    return error


class Refusal(FiscError):
    """不符合规定，操作没有完成。"""

    code = "fisc.refusal"

    def __init__(
        self, message: str | None = None, *, code: str | None = None, ways: Sequence[Way] = (), **facts: Any
    ) -> None:
        """Like every error, and with the lawful ways on, best first."""
        self.ways: tuple[Way, ...] = tuple(ways)
        super().__init__(message, code=code, **facts)


class NotAllowed(FiscError):
    """您没有办理此事项的权限。"""

    code = "fisc.not_allowed"


class NotFound(FiscError):
    """没有找到所要的内容，或您无权查看。"""

    code = "fisc.not_found"


class Conflict(FiscError):
    """内容已被他人更改，请刷新后再办理。"""

    code = "fisc.conflict"


class BadInput(FiscError):
    """{message}"""

    code = "fisc.bad_input"
