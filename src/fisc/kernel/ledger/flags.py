"""The marks that follow money from the budget to the last payee."""

from enum import IntFlag


class Flag(IntFlag):
    """What an account's money is marked as; several marks may apply."""

    THREE_GUARANTEES = 1  # 三保
    DIRECT_FUNDS = 2  # 直达资金
    BOND = 4  # 政府债券

    @property
    def labels(self) -> list[str]:
        """The Chinese names of the marks that are set."""
        return [LABELS[flag] for flag in Flag if flag in self]


LABELS = {Flag.THREE_GUARANTEES: "三保", Flag.DIRECT_FUNDS: "直达", Flag.BOND: "债券"}
