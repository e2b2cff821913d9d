"""Commands that bring data in and out: demo, import, backup, restore."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fisc.cli.surroundings import boot, progress_bar


def demo(
    through: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="推演到哪一天（含），如 2023-12-31。")
    ] = datetime(2023, 6, 30),  # noqa: DTZ001 - a day, given as text
    reset: Annotated[bool, typer.Option("--reset", help="清空全部数据后重新建立。")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="对 DATABASE_URL 指定的数据库也允许清空。")] = False,
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
    for line in result.lines():
        typer.echo(line)


def import_file(
    kind: Annotated[str, typer.Argument(metavar="类型", help="文件类型；不存在的类型会列出全部可选类型。")],
    path: Annotated[
        Path, typer.Argument(metavar="文件", exists=True, dir_okay=False, help="Excel 或 CSV 文件。")
    ],
    username: Annotated[str, typer.Option("--as", help="以哪个用户的身份和权限导入。")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只校验，不写入。")] = False,
) -> None:
    """Import a file by the same door as the page does."""
    boot()
    from fisc.kernel.exchange import commands

    with progress_bar() as progress:
        result = commands.import_file(kind, path, username=username, dry_run=dry_run, progress=progress)
    for line in result.lines():
        typer.echo(line)
    if not result.ok:
        raise typer.Exit(1)


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
