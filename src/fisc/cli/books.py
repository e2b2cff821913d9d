"""Commands about the books: report, check, verify, rebuild."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fisc.cli import chinese
from fisc.cli.surroundings import boot, progress_bar

report = typer.Typer()


@report.command("half-year", cls=chinese.Command, help="生成上半年工作报告。")
def half_year(
    year: Annotated[int, typer.Option(help="年度，如 2023。")],
    out: Annotated[Path, typer.Option(file_okay=False, help="输出目录。")] = Path("."),
    masked: Annotated[bool, typer.Option("--masked/--unmasked", help="按脱敏口径隐去金额。")] = False,
    formats: Annotated[str, typer.Option(help="docx、pdf、html，用逗号分隔。")] = "docx,pdf",
) -> None:
    """Write the first part of the half-year report, every figure computed and proven."""
    boot()
    from fisc.domains.narrative import commands

    result = commands.write_report(
        "half-year", year=year, out=out, masked=masked, formats=tuple(formats.split(","))
    )
    show(result)


@report.command("verify", cls=chinese.Command, help="核对报告文件：逐个数字重新计算。")
def verify_report(path: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)]) -> None:
    """Recompute every figure of a written report."""
    boot()
    from fisc.domains.narrative import commands

    show(commands.verify_report(path))


def check() -> None:
    """Run the standing checks; exit code 1 if one finds something."""
    boot()
    from fisc.kernel.rules import commands

    with progress_bar() as progress:
        result = commands.run_standing_checks(progress=progress)
    show(result)


def verify() -> None:
    """Verify seals, balances and turnovers; exit code 1 if a row was changed, removed or added."""
    boot()
    from fisc.kernel.ledger import commands

    with progress_bar() as progress:
        result = commands.verify(progress=progress)
    show(result)


def rebuild() -> None:
    """Recompute turnovers and balances from the transfers."""
    boot()
    from fisc.kernel.ledger import commands

    with progress_bar() as progress:
        result = commands.rebuild_turnovers(progress=progress)
    show(result)


def show(result: Any) -> None:
    """Print a result's lines; leave with code 1 if it is not in order."""
    for line in result.lines():
        typer.echo(line)
    if not result.ok:
        raise typer.Exit(1)
