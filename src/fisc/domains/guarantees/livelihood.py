"""民生支出 (F10) and the two-thirds test (F11): at least two thirds of the growth of spending go to people's livelihood.

The list of functions is dated data (code list `livelihood`). When it differs between the two years there is no share;
the same test on one list, this year's or last year's, is offered beside it. Without growth there is no share either.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from fisc.kernel import codes, ledger
from fisc.kernel.metrics import figure_id
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.formulas import TWO_THIRDS
from fisc.kernel.metrics.spec import FigureRequest

LIST, SHARE = "livelihood", "expenditure.livelihood.increment_share"
LIVELIHOOD, TOTAL = "expenditure.livelihood", "expenditure.general"


@dataclass(frozen=True)
class Line:
    """One amount of both years, in 分; None: no data."""

    label: str
    now_fen: int | None
    before_fen: int | None
    now_url: str = ""
    before_url: str = ""

    @property
    def change_fen(self) -> int | None:
        """Now less before."""
        if self.now_fen is None or self.before_fen is None:
            return None
        return self.now_fen - self.before_fen


@dataclass(frozen=True)
class Test:
    """The test of one period: both Δ always, the share where there is one, else the reason why not."""

    share: Fraction | None
    reason: str
    lines: tuple[Line, ...]

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.share is None:
            return "不计算"
        return "达到三分之二" if self.share >= TWO_THIRDS else "未达三分之二"

    @property
    def tone(self) -> str:
        """Red below two thirds."""
        if self.share is None:
            return "orange"
        return "green" if self.share >= TWO_THIRDS else "red"


@dataclass(frozen=True)
class Counted:
    """A function of the list and whether it counts in the two years."""

    code: str
    name: str
    before: bool
    now: bool


def two_thirds(*, year: int, month: int) -> Test:
    """This function will make the test of January to the month against the same months of the year before."""
    share = FigureRequest(metric=SHARE, year=year, month=month)
    found = figures([share])[share]
    lines = [_line("民生支出", LIVELIHOOD, year, month), _line("一般公共预算支出", TOTAL, year, month)]
    if codes.counted(kind=LIST, year=year) != codes.counted(kind=LIST, year=year - 1):
        lines[1:1] = [
            _on_one_list(f"民生支出（同按 {year} 年清单）", year, year, month),
            _on_one_list(f"民生支出（同按 {year - 1} 年清单）", year - 1, year, month),
        ]
    value = None if found.value is None else Fraction(found.value)
    return Test(share=value, reason=found.note, lines=tuple(lines))


def _line(label: str, metric: str, year: int, month: int) -> Line:
    now = FigureRequest(metric=metric, year=year, month=month)
    before = now.last_year()
    found = figures([now, before])
    return Line(
        label=label,
        now_fen=_fen(found[now].value),
        before_fen=_fen(found[before].value),
        now_url=figure_id.url(now),
        before_url=figure_id.url(before),
    )


def _fen(value: Fraction | int | None) -> int | None:
    return None if value is None else int(value)


def _on_one_list(label: str, list_year: int, year: int, month: int) -> Line:
    """Both years counted by the list of one year, straight from the ledger."""
    functions = codes.counted(kind=LIST, year=list_year) or ("-",)

    def asked(of: int) -> tuple[ledger.Selection, int, int]:
        selection = ledger.Selection(
            book="allotment",
            subjects=("661",),
            fiscal_years=(of,),
            funds=("general",),
            function_prefixes=functions,
        )
        return selection, of * 100 + 1, of * 100 + month

    now, before = ledger.sums([asked(year), asked(year - 1)])
    return Line(label, now.get((), 0), before.get((), 0))


def compared_lists(year: int) -> list[Counted]:
    """The functions that count in the year or the year before, with both."""
    now, before = (
        set(codes.counted(kind=LIST, year=year)),
        set(codes.counted(kind=LIST, year=year - 1)),
    )
    names = codes.names(kind=LIST, codes=now, year=year) | codes.names(
        kind=LIST, codes=before - now, year=year - 1
    )
    return [
        Counted(code, names.get(code, code), before=code in before, now=code in now)
        for code in sorted(now | before)
    ]
