"""The ledger as a plain Python program, one thing after the other: what the batches of the database must equal."""

from collections import defaultdict
from dataclasses import dataclass, field

from fisc.kernel.ledger import AccountKey, Entry, Settle

FLOORS = {"free": 0, "frozen": 0, "plan": 0}


@dataclass
class Hold:
    """A hold and what became of it."""

    entry: Entry
    state: str = "held"


@dataclass
class Model:
    """Balances, turnovers and what is needed to settle and to reverse."""

    posted: dict[AccountKey, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[AccountKey, int] = field(default_factory=lambda: defaultdict(int))
    debits: dict[tuple[AccountKey, int], int] = field(default_factory=lambda: defaultdict(int))
    credits: dict[tuple[AccountKey, int], int] = field(default_factory=lambda: defaultdict(int))
    entries: list[Entry] = field(default_factory=list)
    reversed_entries: set[int] = field(default_factory=set)
    reversals: set[int] = field(default_factory=set)
    holds: list[Hold] = field(default_factory=list)

    def available(self, key: AccountKey) -> int | None:
        """How much the account can give; None: as much as is wanted."""
        if key.subject not in FLOORS:
            return None
        return self.posted[key] - self.held[key] - FLOORS[key.subject]

    def post(self, entry: Entry) -> str | None:
        """Book an entry; returns the code of the refusal, or None."""
        changes: dict[AccountKey, int] = defaultdict(int)
        for line in entry.lines:
            changes[line.credit] -= line.amount_fen
            changes[line.debit] += line.amount_fen
        if self._is_short(changes):
            return "floor"
        self._book(entry, sign=1)
        self.entries.append(entry)
        return None

    def hold(self, entry: Entry) -> str | None:
        """Reserve an entry's lines."""
        changes: dict[AccountKey, int] = defaultdict(int)
        for line in entry.lines:
            changes[line.credit] -= line.amount_fen
        if self._is_short(changes):
            return "floor"
        for line in entry.lines:
            self.held[line.credit] += line.amount_fen
        self.holds.append(Hold(entry))
        return None

    def settle(self, number: int, settle: Settle) -> str | None:
        """Book what was held, or a part."""
        hold = self.holds[number]
        if hold.state != "held":
            return f"hold_{hold.state}"
        amounts = settle.amounts_fen or tuple(line.amount_fen for line in hold.entry.lines)
        lines = list(zip(hold.entry.lines, amounts, strict=True))
        if any(amount > line.amount_fen for line, amount in lines):
            return "over_hold"
        if not any(amounts):
            return "nothing_settled"
        self._release(hold, "settled")
        booked = [type(line)(line.debit, line.credit, amount) for line, amount in lines if amount]
        entry = Entry(
            kind=settle.kind, document_id=None, effective_on=settle.effective_on, lines=tuple(booked)
        )
        self._book(entry, sign=1)
        self.entries.append(entry)
        return None

    def void(self, number: int) -> str | None:
        """Give back what was held."""
        hold = self.holds[number]
        if hold.state != "held":
            return f"hold_{hold.state}"
        self._release(hold, "voided")
        return None

    def reverse(self, number: int, reversal: Entry) -> str | None:
        """Take an entry back, on the reversal's date."""
        if number in self.reversals:
            return "entry_is_reversal"
        if number in self.reversed_entries:
            return "entry_reversed"
        changes: dict[AccountKey, int] = defaultdict(int)
        for line in self.entries[number].lines:
            changes[line.credit] += line.amount_fen
            changes[line.debit] -= line.amount_fen
        if self._is_short(changes):
            return "floor"
        self._book(reversal, sign=-1)
        self.reversed_entries.add(number)
        self.reversals.add(len(self.entries))
        self.entries.append(reversal)
        return None

    def _is_short(self, changes: dict[AccountKey, int]) -> bool:
        return any(
            change < 0 and (room := self.available(key)) is not None and room + change < 0
            for key, change in changes.items()
        )

    def _book(self, entry: Entry, *, sign: int) -> None:
        period = entry.effective_on.year * 100 + entry.effective_on.month
        for line in entry.lines:
            amount = sign * line.amount_fen
            self.posted[line.debit] += amount
            self.posted[line.credit] -= amount
            self.debits[line.debit, period] += amount
            self.credits[line.credit, period] += amount

    def _release(self, hold: Hold, state: str) -> None:
        hold.state = state
        for line in hold.entry.lines:
            self.held[line.credit] -= line.amount_fen
