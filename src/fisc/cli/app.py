"""The command tree of `fisc`. Each command lives in a module that imports Django and the rest only when called."""

import sys

import typer

from fisc.base.errors import FiscError, Refusal
from fisc.cli import books, chinese, data, people, server

app = typer.Typer(
    help="Fisc 财政一本账：一个区县的财政资金，一本账。",
    cls=chinese.Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
GROUPS = (
    ("report", books.report, "工作报告：生成，核对已印出的文件。"),
    ("user", people.user, "用户：新增、授权、重置口令、解锁。"),
    ("db", server.db, "内置数据库：启动、停止、命令行。"),
)
COMMANDS = (
    ("up", server.up, "启动系统：数据库、后台作业与网页（Ctrl+C 停止）。"),
    ("demo", data.demo, "建立演示区县，并推演到指定日期。"),
    ("import", data.import_file, "导入文件（批复预算、收入日报、银行回单等）。"),
    ("check", books.check, "运行全部常设校验（账证、账表、勾稽、代码）。"),
    ("verify", books.verify, "核验封签：账是否被改动、删除或补插。"),
    ("rebuild", books.rebuild, "由分录重算各账户各月发生额与余额。"),
    ("backup", data.backup, "备份数据库与附件到一个文件。"),
    ("restore", data.restore, "把备份恢复到一个空的数据库。"),
    ("migrate", server.migrate, "升级数据库结构。"),
)
for name, command, text in COMMANDS:
    app.command(name, help=text, cls=chinese.Command)(command)
for name, group, text in GROUPS:
    app.add_typer(group, name=name, help=text, cls=chinese.Group, no_args_is_help=True)
app.command("worker", hidden=True)(server.worker)
app.command(
    "django", hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)(server.django_command)


def run() -> None:
    """Run the command line; a refusal is a sentence and exit code 1, not a traceback."""
    if (
        len(sys.argv) == 1
        or {"-h", "--help"} & set(sys.argv)
        or sys.argv[-1] in [name for name, _, _ in GROUPS]
    ):
        chinese.translate_headings()
    try:
        app()
    except FiscError as error:
        print_refusal(error)
        sys.exit(1)
    except Exception as error:
        if not is_known(error):
            raise
        typer.secho(str(error), fg="red", err=True)
        sys.exit(1)


def print_refusal(error: FiscError) -> None:
    """Print why it was refused, the code and the lawful ways on."""
    typer.secho(error.message, fg="red", err=True)
    typer.secho(f"（{error.error_code}）", dim=True, err=True)
    for way in error.ways if isinstance(error, Refusal) else ():
        typer.echo(f"  可以：{way.label}", err=True)


def is_known(error: Exception) -> bool:
    """Say whether the error is one of the surroundings, which needs no traceback."""
    known = {
        ("fisc.project.embedded", "EmbeddedPostgresError"),
        ("psycopg", "OperationalError"),
        ("django.db.utils", "OperationalError"),
    }
    return (type(error).__module__, type(error).__name__) in known
