"""What the ledger answers: who was booked, who was refused and why. The sentences are for the person who asked."""

from dataclasses import dataclass, field
from typing import Any

from fisc.base.errors import Refusal
from fisc.base.money import format_fen
from fisc.kernel.ledger.keys import AccountKey

MESSAGES = {
    "floor": "“{account}”余额不足：可用 {available} 元，需要 {required} 元，还差 {shortfall} 元。",
    "period_closed": "所属期间已经结账，不能再记账。",
    "year_unopened": "所属会计年度尚未开账，不能记账。",
    "unknown_hold": "没有找到这笔预占。",
    "hold_settled": "这笔预占已经结清，不能重复办理。",
    "hold_voided": "这笔预占已经撤销，不能再办理。",
    "hold_expired": "这笔预占已经过期，不能再办理。",
    "over_hold": "结算金额超过预占金额。",
    "nothing_settled": "结算金额全部为零；不再支付的，请撤销预占。",
    "unknown_entry": "没有找到要冲销的凭证。",
    "entry_reversed": "这张凭证已经冲销过，不能重复冲销。",
    "entry_is_reversal": "红字冲销凭证本身不能再冲销，请重新记账。",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountView:
    """An account with its name and what it holds, in 分. `posted_fen`: debits − credits."""

    id: int
    key: AccountKey
    subject_name: str
    posted_fen: int
    held_fen: int
    floor_fen: int | None

    @property
    def available_fen(self) -> int:
        """How much it can still give: posted − held − floor."""
        return self.posted_fen - self.held_fen - (self.floor_fen or 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Why one element of a batch (`index`, from 0) was not booked. Amounts in 分, as they stood at its turn."""

    index: int
    code: str
    account: AccountView | None = None
    available_fen: int | None = None
    required_fen: int | None = None

    @property
    def shortfall_fen(self) -> int | None:
        """How much is missing."""
        if self.available_fen is None or self.required_fen is None:
            return None
        return self.required_fen - self.available_fen

    @property
    def message(self) -> str:
        """The reason as a Chinese sentence with its numbers."""
        return MESSAGES[self.code].format(
            account=self.account.subject_name if self.account else "",
            available=_yuan(self.available_fen),
            required=_yuan(self.required_fen),
            shortfall=_yuan(self.shortfall_fen),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The entries of a batch, aligned with its elements (None: refused), and the refusals."""

    entry_ids: list[int | None]
    refusals: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldOutcome:
    """The holds of a batch, aligned with its elements (None: refused), and the refusals."""

    hold_ids: list[int | None]
    refusals: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class VoidOutcome:
    """The holds that were given back, aligned with those asked for (None: refused), and the refusals."""

    hold_ids: list[int | None]
    refusals: list[Refused] = field(default_factory=list)


class LedgerRefusal(Refusal):
    """{message}"""

    code = "ledger.refused"

    def __init__(self, refused: Refused | None = None, **arguments: Any) -> None:
        """Take over the code, the sentence and the facts of what was refused (`self.refused`)."""
        self.refused = refused
        if refused is None:
            super().__init__(**arguments)
        else:
            super().__init__(refused.message, code=f"ledger.{refused.code}", refused=refused, **arguments)


def _yuan(fen: int | None) -> str:
    return "" if fen is None else format_fen(fen)
