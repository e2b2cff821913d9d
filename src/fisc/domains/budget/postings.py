"""What each step of a budget document moves in the ledger. Pure: a step and its facts in, lines out (norm A.7).

Book `allotment`: 601 → 621 → 627 → 631 → 635, with 636 frozen beside 635. Book `project` runs along: what a
project is given leaves its 可安排额度 (811) for 已安排 (821), so its total is held by the database.
"""

from dataclasses import dataclass, replace

from fisc.kernel.ledger.keys import AccountKey, Line

BOOK = "allotment"
INITIAL, INITIAL_OTHER = "602", "603"  # a memo beside the chain: what the year began with, never moved again
SOURCE, TOTAL, POOL, UNIT, EXECUTABLE, FROZEN = "601", "621", "627", "631", "635", "636"
PLAN_FUTURE, PLAN_DUE, SPENT = "650", "651", "661"
PROJECT_BOOK = "project"
PROJECT_ROOM, PROJECT_ARRANGED = "811", "821"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the budget money lies: the dimensions of a line; with `allotment_id`, those of an allotment."""

    fiscal_year: int
    unit_id: int
    project_id: int
    fund: str
    function_code: str
    economic_code: str
    flags: int = 0
    allotment_id: int | None = None

    def account(self, subject: str) -> AccountKey:
        """The account of this place under a subject that carries all dimensions (627 and below)."""
        return AccountKey(
            book=BOOK,
            subject=subject,
            fiscal_year=self.fiscal_year,
            unit_id=self.unit_id,
            project_id=self.project_id,
            fund=self.fund,
            function_code=self.function_code,
            economic_code=self.economic_code,
            flags=self.flags,
            allotment_id=None if subject == POOL else self.allotment_id,
        )

    @property
    def source(self) -> AccountKey:
        """601 预算来源 of the fund."""
        return AccountKey(book=BOOK, subject=SOURCE, fiscal_year=self.fiscal_year, fund=self.fund)

    @property
    def total(self) -> AccountKey:
        """621 总额 of the fund and function."""
        return AccountKey(
            book=BOOK,
            subject=TOTAL,
            fiscal_year=self.fiscal_year,
            fund=self.fund,
            function_code=self.function_code,
        )


def move(credit: AccountKey, debit: AccountKey, amount_fen: int) -> Line:
    """A line from the giving account to the receiving one."""
    return Line(debit=debit, credit=credit, amount_fen=amount_fen)


def project_account(project_id: int, subject: str) -> AccountKey:
    """The account of a project in the book `project`; it carries on from year to year."""
    return AccountKey(book=PROJECT_BOOK, subject=subject, project_id=project_id)


def arrange(project_id: int, amount_fen: int) -> Line:
    """The project is given money: its room shrinks."""
    return move(
        project_account(project_id, PROJECT_ROOM), project_account(project_id, PROJECT_ARRANGED), amount_fen
    )


def withdraw(project_id: int, amount_fen: int) -> Line:
    """The project loses money: its room grows again."""
    return move(
        project_account(project_id, PROJECT_ARRANGED), project_account(project_id, PROJECT_ROOM), amount_fen
    )


def approve(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """预算批复: 601 → 621 → 627, and the project's room."""
    return (
        move(place.source, place.total, amount_fen),
        move(place.total, place.account(POOL), amount_fen),
        arrange(place.project_id, amount_fen),
    )


def record_initial(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """年初预算数 on record: 603 → 602; later supplements, cuts and virements leave it as it is."""
    other = AccountKey(book=BOOK, subject=INITIAL_OTHER, fiscal_year=place.fiscal_year, fund=place.fund)
    return (move(other, replace(place.account(POOL), subject=INITIAL), amount_fen),)


def release(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """指标下达: 627 → 631 → 635."""
    return (
        move(place.account(POOL), place.account(UNIT), amount_fen),
        move(place.account(UNIT), place.account(EXECUTABLE), amount_fen),
    )


def take_back(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """Back to 待分: 635 → 631 → 627."""
    return (
        move(place.account(EXECUTABLE), place.account(UNIT), amount_fen),
        move(place.account(UNIT), place.account(POOL), amount_fen),
    )


def supplement(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """追加: new money from its source down to the allotment."""
    return (*approve(place, amount_fen), *release(place, amount_fen))


def cut(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """追减: from the allotment back to the source."""
    return (
        *take_back(place, amount_fen),
        move(place.account(POOL), place.total, amount_fen),
        move(place.total, place.source, amount_fen),
        withdraw(place.project_id, amount_fen),
    )


def vire(out: Place, into: Place, amount_fen: int) -> tuple[Line, ...]:
    """调剂: out of one allotment into another of the same fund, by way of the totals.

    :raises ValueError: the allotments are of different funds or years.
    """
    if (out.fund, out.fiscal_year) != (into.fund, into.fiscal_year):
        raise ValueError("a virement stays in one fund and year")
    between = () if out.total == into.total else (move(out.total, into.total, amount_fen),)
    projects = (
        ()
        if out.project_id == into.project_id
        else (withdraw(out.project_id, amount_fen), arrange(into.project_id, amount_fen))
    )
    return (
        *take_back(out, amount_fen),
        move(out.account(POOL), out.total, amount_fen),
        *between,
        move(into.total, into.account(POOL), amount_fen),
        *release(into, amount_fen),
        *projects,
    )


def freeze(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """冻结: 635 → 636."""
    return (move(place.account(EXECUTABLE), place.account(FROZEN), amount_fen),)


def unfreeze(place: Place, amount_fen: int) -> tuple[Line, ...]:
    """解冻: 636 → 635."""
    return (move(place.account(FROZEN), place.account(EXECUTABLE), amount_fen),)
