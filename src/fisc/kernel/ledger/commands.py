"""Long work on the ledger for the command line and the timetable: seal, verify, rebuild."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from fisc.base.progress import Progress, silent
from fisc.kernel.events import seals
from fisc.kernel.events.seals import Seal, Violation
from fisc.kernel.ledger.invariants import Invariant, invariants
from fisc.kernel.ledger.sealing import SOURCES

SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class BrokenInvariant:
    """A sentence about the books that does not hold, and the rows that break it."""

    invariant: Invariant
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a verification found."""

    sealed_rows: int
    seal_count: int
    violations: tuple[Violation, ...] = ()
    broken: tuple[BrokenInvariant, ...] = ()
    checked: tuple[Invariant, ...] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.violations and not self.broken

    def lines(self) -> Iterable[str]:
        """The result in Chinese, line by line."""
        yield f"已核对 {self.seal_count} 批封存、{self.sealed_rows:,} 条记录，{len(self.checked)} 项账目恒等关系。"
        yield from (violation.message for violation in self.violations[:SHOWN])
        if len(self.violations) > SHOWN:
            yield f"……共 {len(self.violations)} 处与封存不一致。"
        for broken in self.broken:
            yield f"不成立：{broken.invariant.title}（{len(broken.rows)} 行）。{broken.invariant.explain}"
            for row in broken.rows[:SHOWN]:
                yield "  " + "，".join(
                    f"{name}={value}" for name, value in zip(broken.columns, row, strict=True)
                )
        yield "账目完整无误。" if self.ok else "发现问题，请保留现场并报告。"


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What rebuilding the turnovers changed."""

    turnover_count: int
    changed_count: int
    ok: bool = True

    def lines(self) -> Iterable[str]:
        """The result in Chinese, line by line."""
        yield f"已按分录重算 {self.turnover_count:,} 个发生额，其中 {self.changed_count:,} 个与原值不同。"


def seal_new_rows(*, at: datetime, log: Path | None = None, progress: Progress = silent) -> Seal | None:
    """This function will seal what was booked since the last seal; for the timetable."""
    return seals.seal(SOURCES, at=at, log=log, progress=progress)


def verify(*, progress: Progress = silent, log: Path | None = None) -> Verification:
    """This function will prove seals, turnovers, balances and holds from the journal itself."""
    violations = seals.verify_seals(SOURCES, log=log, progress=progress)
    checks = invariants()
    broken = []
    for number, invariant in enumerate(checks, 1):
        broken += _broken(invariant)
        progress("核对账目恒等关系", number, len(checks))
    made = seals.seals()
    return Verification(
        sealed_rows=sum(one.row_count for one in made),
        seal_count=len(made),
        violations=tuple(violations),
        broken=tuple(broken),
        checked=tuple(checks),
    )


def _broken(invariant: Invariant) -> list[BrokenInvariant]:
    with connection.cursor() as cursor:
        cursor.execute(invariant.sql)
        columns = tuple(column[0] for column in cursor.description)
        rows = cursor.fetchall()
    return [BrokenInvariant(invariant=invariant, columns=columns, rows=tuple(rows))] if rows else []


def rebuild_turnovers(*, progress: Progress = silent) -> Rebuilt:
    """This function will compute all turnovers again from the transfers; postings wait meanwhile."""
    progress("重算发生额", 0, 1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_rebuild_turnovers()")
        turnover_count, changed_count = cursor.fetchone()
    progress("重算发生额", 1, 1)
    return Rebuilt(turnover_count=turnover_count, changed_count=changed_count)
