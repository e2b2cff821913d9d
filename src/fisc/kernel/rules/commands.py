"""What `fisc check` calls: run the standing checks and say in lines what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from fisc.base.progress import Progress, silent
from fisc.kernel.orgs.clock import business_now
from fisc.kernel.rules import standing
from fisc.kernel.rules.spec import StandingResult

SHOWN = 5
"""How many bad rows of a check are printed."""


@dataclass(frozen=True)
class CheckReport:
    """The results of one run of the standing checks."""

    results: tuple[StandingResult, ...]

    @property
    def ok(self) -> bool:
        """Whether every sentence holds."""
        return all(result.holds for result in self.results)

    def lines(self) -> list[str]:
        """The report, a line per check and the first bad rows below those that failed."""
        lines = []
        for result in self.results:
            mark = "通过" if result.holds else f"不符 {result.bad_count} 行"
            lines.append(
                f"{mark}　{result.invariant.title}（{result.invariant.code}，{result.seconds:.2f} 秒）"
            )
            if not result.holds:
                lines += [f"    {_row_text(row)}" for row in result.sample[:SHOWN]]
                lines.append(f"    责任人：{result.invariant.owner}。{result.invariant.explain}")
        bad = sum(not result.holds for result in self.results)
        lines.append(f"共 {len(self.results)} 项检查，" + ("全部成立。" if not bad else f"{bad} 项不成立。"))
        return lines


def run_standing_checks(progress: Progress = silent) -> CheckReport:
    """This will run every standing check of the ledger, the documents and the modules."""
    return CheckReport(results=tuple(standing.run_standing_checks(progress, at=business_now())))


def _row_text(row: object) -> str:
    return "，".join(f"{key}={value}" for key, value in dict(row).items())  # type: ignore[call-overload]
