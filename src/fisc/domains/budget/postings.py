"""What each step of a budget document moves in the ledger. Pure: a step and its facts in, lines out (norm A.7).

Book `allotment`: 601 → 621 → 627 → 631 → 635, with 636 frozen beside 635. Book `project` runs along: what a
project is given leaves its 可安排额度 (811) for 已安排 (821), so its total is held by the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fisc.kernel.ledger.keys import AccountKey, Line

BOOK = "allotment"
INITIAL, INITIAL_OTHER = "602", "603"  # a memo beside the chain: what the year began with, never moved again
SOURCE, TOTAL, POOL, UNIT, EXECUTABLE, FROZEN = "601", "621", "627", "631", "635", "636"
PLAN_FUTURE, PLAN_DUE, SPENT = "650", "651", "661"
CARRIED_OVER, RECOVERED = "671", "672"  # where the year end takes what is left
ADVANCE_SOURCE, TEMPORARY_SOURCE = "604", "605"  # beside 601: money that no approved budget stands behind yet
OPEN_ADVANCE, OPEN_ADVANCE_OTHER = "608", "609"  # a memo: advances that are still to be cleared
UNSPENT = (POOL, UNIT, EXECUTABLE, FROZEN, PLAN_FUTURE, PLAN_DUE)
IDLE_BOOK, PLAN_BOOK = "idle", "plan"
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


def close_out(place: Place, left: Mapping[str, int], *, is_carried: bool) -> tuple[Line, ...]:
    """年终: what is left under each subject of an old year's place goes to 671 结转下年 or 672 收回."""
    outcome = CARRIED_OVER if is_carried else RECOVERED
    return tuple(
        move(place.account(subject), place.account(outcome), amount)
        for subject, amount in left.items()
        if amount > 0
    )


def advance(place: Place, source: str, amount_fen: int) -> tuple[Line, ...]:
    """预拨、垫付: 604 or 605 → 621 → 627 → 631 → 635, and on record as still to be cleared (609 → 608)."""
    return (
        move(other_source(place, source), place.total, amount_fen),
        move(place.total, place.account(POOL), amount_fen),
        arrange(place.project_id, amount_fen),
        *release(place, amount_fen),
        move(_advance_other(place), place.account(OPEN_ADVANCE), amount_fen),
    )


def offset_advance(regular: Place, advanced: Place, source: str, amount_fen: int) -> tuple[Line, ...]:
    """冲抵: the regular allotment gives what the advance had spent before it: back to 604 or 605, not to 601."""
    return (
        *take_back(regular, amount_fen),
        move(regular.account(POOL), regular.total, amount_fen),
        move(regular.total, other_source(advanced, source), amount_fen),
        withdraw(regular.project_id, amount_fen),
        move(advanced.account(OPEN_ADVANCE), _advance_other(advanced), amount_fen),
    )


def repay_advance(advanced: Place, source: str, amount_fen: int) -> tuple[Line, ...]:
    """退回: what is unspent of an advance goes back to where it came from."""
    return (
        *take_back(advanced, amount_fen),
        move(advanced.account(POOL), advanced.total, amount_fen),
        move(advanced.total, other_source(advanced, source), amount_fen),
        withdraw(advanced.project_id, amount_fen),
        move(advanced.account(OPEN_ADVANCE), _advance_other(advanced), amount_fen),
    )


def other_source(place: Place, source: str) -> AccountKey:
    """The account of another source of the fund than 601."""
    return place.source.with_subject(source)


def _advance_other(place: Place) -> AccountKey:
    return place.source.with_subject(OPEN_ADVANCE_OTHER)


def _idle(subject: str, place: Place) -> AccountKey:
    return AccountKey(
        book=IDLE_BOOK,
        subject=subject,
        fiscal_year=place.fiscal_year,
        unit_id=place.unit_id,
        project_id=place.project_id,
        fund=place.fund,
        function_code=place.function_code,
    )


def _idle_fund(subject: str, fiscal_year: int, fund: str) -> AccountKey:
    return AccountKey(book=IDLE_BOOK, subject=subject, fiscal_year=fiscal_year, fund=fund)


def recognise_idle(place: Place, amount_fen: int) -> Line:
    """存量认定: 950 → 951."""
    other = AccountKey(book=IDLE_BOOK, subject="950", fiscal_year=place.fiscal_year, fund=place.fund)
    return move(other, _idle("951", place), amount_fen)


def recover_idle(place: Place, amount_fen: int, *, usable_in: int) -> tuple[Line, ...]:
    """存量收回: 951 → 952 of the place, and 960 → 961: the fund may arrange it anew in the year `usable_in`."""
    return (
        move(_idle("951", place), _idle("952", place), amount_fen),
        move(_idle_fund("960", usable_in, place.fund), _idle_fund("961", usable_in, place.fund), amount_fen),
    )


def rearrange_idle(fiscal_year: int, fund: str, amount_fen: int) -> Line:
    """统筹再安排: 961 → 962; never more than was recovered."""
    return move(_idle_fund("961", fiscal_year, fund), _idle_fund("962", fiscal_year, fund), amount_fen)


def transfer_idle(fiscal_year: int, fund: str, amount_fen: int) -> Line:
    """转作调入: 961 → 963; it counts as 调入资金 and no longer as 盘活."""
    return move(_idle_fund("961", fiscal_year, fund), _idle_fund("963", fiscal_year, fund), amount_fen)


def plan_account(subject: str, fiscal_year: int, fund: str, counterparty: str | None = None) -> AccountKey:
    """An item of the balance of a fund; with `counterparty`, the other fund of a transfer."""
    return AccountKey(
        book=PLAN_BOOK, subject=subject, fiscal_year=fiscal_year, fund=fund, counterparty=counterparty
    )


def plan_item(subject: str, fiscal_year: int, fund: str, amount_fen: int) -> Line:
    """One item of an approved balance, against 700 of its fund: revenue (70x) gives, expenditure (71x) takes."""
    item, other = plan_account(subject, fiscal_year, fund), plan_account("700", fiscal_year, fund)
    return move(item, other, amount_fen) if subject < "710" else move(other, item, amount_fen)


def transfer_between(fiscal_year: int, from_fund: str, to_fund: str, amount_fen: int) -> Line:
    """预算间调拨: one line is 调入 of one fund and 调出 of the other, so neither can stand without the other."""
    return move(
        plan_account("704", fiscal_year, to_fund, from_fund),
        plan_account("715", fiscal_year, from_fund, to_fund),
        amount_fen,
    )
