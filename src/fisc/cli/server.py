"""Commands that run the program: up, db, migrate, worker."""

import os
import sys
from typing import Annotated

import typer

from fisc.cli import chinese
from fisc.cli.surroundings import boot

db = typer.Typer()


def up(
    host: Annotated[str, typer.Option(help="监听地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听端口。")] = 8000,
    threads: Annotated[int, typer.Option(help="网页线程数。")] = 8,
    with_worker: Annotated[bool, typer.Option("--worker/--no-worker", help="同时运行后台作业。")] = True,
) -> None:
    """Start everything and stay until Ctrl+C or SIGTERM."""
    started = boot(check_schema=False, stop_at_exit=False)
    from fisc.project import serve

    serve.run(
        host=host, port=port, threads=threads, with_worker=with_worker, stop_database=started, say=typer.echo
    )


def worker() -> None:
    """Run background jobs until stopped; `fisc up` starts this by itself."""
    boot()
    from fisc.jobs.worker import run_worker

    run_worker()


def migrate() -> None:
    """Bring the database to this version's structure."""
    boot(check_schema=False)
    from fisc.project import schema

    applied = schema.upgrade()
    typer.echo(f"已升级 {len(applied)} 步。" if applied else "数据库结构已是最新。")


def django_command(context: typer.Context) -> None:
    """Run a command of Django's own, for developers: fisc django makemigrations …"""
    boot(check_schema=False)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["fisc django", *context.args])


@db.command("start", cls=chinese.Command, help="启动内置数据库（已在运行则不动）。")
def db_start() -> None:
    """Start the embedded server."""
    from fisc.project import embedded

    started = embedded.start()
    typer.echo(f"数据库{'已启动' if started else '已在运行'}：{embedded.locate().data}")


@db.command("stop", cls=chinese.Command, help="停止内置数据库。")
def db_stop() -> None:
    """Stop the embedded server."""
    from fisc.project import embedded

    typer.echo("数据库已停止。" if embedded.stop() else "数据库没有在运行。")


@db.command("remove", cls=chinese.Command, help="停止内置数据库并删除其全部数据。")
def db_remove(yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False) -> None:
    """Delete the embedded cluster."""
    from fisc.project import embedded

    if yes or typer.confirm("将删除内置数据库的全部数据，确定吗？"):
        embedded.remove()
        typer.echo("已删除。")


@db.command("url", cls=chinese.Command, help="打印内置数据库的连接地址（含口令，勿外传）。")
def db_url(test: Annotated[bool, typer.Option("--test", help="测试库。")] = False) -> None:
    """Print a libpq address for other tools."""
    from fisc.project import embedded

    typer.echo(embedded.url(database="test_fisc" if test else embedded.DATABASE))


@db.command("psql", cls=chinese.Command, help="打开数据库命令行；其后的参数原样传给 psql。",
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True})  # fmt: skip
def db_psql(
    context: typer.Context,
    admin: Annotated[bool, typer.Option("--admin", help="以数据库超级用户进入。")] = False,
) -> None:
    """Replace this process by psql."""
    from fisc.project import client_tools, database

    database.ensure_started(os.environ)
    program, environment = client_tools.command("psql", admin=admin)
    sys.stdout.flush()
    os.execve(program, ["psql", *context.args], environment)
