"""Commands that bring data in and out: demo, import, backup, restore."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fisc.cli.surroundings import boot, progress_bar

if TYPE_CHECKING:
    from fisc.kernel.exchange.commands import ImportReport


def demo(
    through: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="推演到哪一天（含），如 2023-12-31。")
    ] = datetime(2023, 6, 30),  # noqa: DTZ001 - a day, given as text
    reset: Annotated[bool, typer.Option("--reset", help="清空全部数据后重新建立。")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="对 DATABASE_URL 指定的数据库也允许清空。")] = False,
    brief: Annotated[
        bool, typer.Option("--brief", help="只报告一行（随后 fisc up 会打印登录账号）。")
    ] = False,
) -> None:
    """Play the demo district up to a day; what is there already is kept."""
    boot(check_schema=False)
    from fisc.project import demo as district
    from fisc.project import schema

    if reset:
        schema.reset(consent=yes)
    schema.upgrade()
    with progress_bar() as progress:
        result = district.load(through=through.date(), progress=progress)
    lines = list(result.lines())
    for line in lines[:1] if brief else lines:
        typer.echo(line)


def import_file(
    kind: Annotated[str, typer.Argument(metavar="类型", help="文件类型；写错时会列出全部可选类型。")],
    path: Annotated[
        Path, typer.Argument(metavar="文件", exists=True, dir_okay=False, help="Excel 或 CSV 文件。")
    ],
    username: Annotated[
        str | None, typer.Option("--as", help="以哪个用户的身份和权限导入；缺省为系统账户。")
    ] = None,
    year: Annotated[int | None, typer.Option("--year", help="财政年度；缺省为业务日期所在年度。")] = None,
    control_total: Annotated[
        str | None, typer.Option("--total", help="控制总额（元），与文件合计不符则拒绝。")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只校验，不写入。")] = False,
    only_good: Annotated[
        bool, typer.Option("--only-good", help="有错误的行不导入，其余照常（该类型允许时）。")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="同样内容导入过也继续。")] = False,
) -> None:
    """Import a file by the same door as the page does; exit code 1 if nothing was (or could be) written."""
    boot()
    from fisc.kernel.exchange import commands

    with progress_bar() as progress:
        report = commands.import_file(
            kind, path, username=username, dry_run=dry_run, control_total=control_total, progress=progress,
            fiscal_year=year, only_good=only_good, confirm_seen=again,
        )  # fmt: skip
    for line in import_lines(report):
        typer.echo(line)
    if not report.is_good:
        raise typer.Exit(1)


def import_lines(report: "ImportReport") -> list[str]:
    """Return what became of a file, its problems first, the outcome last."""
    batch = report.batch
    lines = [problem.sentence for problem in report.problems]
    rest = batch.errors + batch.warns + batch.notes - len(report.problems)
    if rest > 0:
        lines.append(f"……另有 {rest} 条，见导入页面的批次 {batch.number}。")
    counts = f"共 {batch.rows} 行，可用 {batch.good} 行，有错误 {batch.bad} 行，有提示 {batch.warned} 行"
    lines.append(f"批次 {batch.number}《{batch.title}》{batch.state_label}：{counts}。")
    if report.refusal is not None:
        lines.append(f"没有写入：{report.refusal.message}")
    elif report.dry_run:
        lines.append("校验通过，按要求没有写入。")
    else:
        lines.append(f"已写入 {batch.written_rows} 行。")
    return lines


def backup(
    path: Annotated[
        Path | None, typer.Argument(metavar="文件", help="缺省为 var/backup/fisc-时间.tar。")
    ] = None,
) -> None:
    """Write database and attachments, as of one moment, to one file with digests."""
    boot()
    from fisc.project import backup as archive

    with progress_bar() as progress:
        written = archive.write(path=path or archive.default_path(), progress=progress)
    typer.echo(
        f"已备份到 {written.path}（{written.tables} 张表 {written.rows:,} 行，附件 {written.files} 个）。"
    )


def restore(path: Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False)]) -> None:
    """Read a backup into an empty database, after checking every digest."""
    boot(check_schema=False)
    from fisc.project import backup as archive

    with progress_bar() as progress:
        read = archive.restore(path=path, progress=progress)
    typer.echo(f"已恢复：{read.tables} 张表 {read.rows:,} 行，附件 {read.files} 个，行数与备份时一致。")
    typer.echo("如程序比备份时新，请运行 fisc migrate；随后可运行 fisc verify 与 fisc check 核对。")
