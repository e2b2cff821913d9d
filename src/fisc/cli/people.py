"""Commands about users: add, list, grant, passwd, unlock. They are for the administrator of the machine."""

from typing import Annotated

import typer

from fisc.cli import chinese
from fisc.cli.surroundings import boot

user = typer.Typer()
Username = Annotated[str, typer.Argument(metavar="用户名")]


@user.command("list", cls=chinese.Command, help="列出用户、岗位与状态。")
def list_users() -> None:
    """Print one line per user."""
    boot()
    from fisc.kernel.orgs import commands

    for line in commands.list_users():
        typer.echo(line)


@user.command("add", cls=chinese.Command, help="新增用户；口令在提示后输入，不出现在命令行中。")
def add(
    username: Username,
    name: Annotated[str, typer.Option("--name", help="姓名。")],
    unit: Annotated[str, typer.Option("--unit", help="所在单位代码。")],
    section: Annotated[str | None, typer.Option("--section", help="所在股室代码（财政局人员）。")] = None,
) -> None:
    """Add a user without any rights."""
    boot()
    from fisc.kernel.orgs import commands

    password = ask_password()
    typer.echo(
        commands.add_user(
            username=username, name=name, unit_code=unit, section_code=section, password=password
        )
    )


@user.command("grant", cls=chinese.Command, help="授予角色，可限定单位或股室范围。")
def grant(
    username: Username,
    role: Annotated[str, typer.Argument(metavar="角色")],
    unit: Annotated[str | None, typer.Option("--unit", help="限于该单位及下属单位。")] = None,
    section: Annotated[str | None, typer.Option("--section", help="限于该股室。")] = None,
) -> None:
    """Give a role; roles that exclude each other are refused."""
    boot()
    from fisc.kernel.orgs import commands

    typer.echo(commands.grant(username=username, role=role, unit_code=unit, section_code=section))


@user.command("passwd", cls=chinese.Command, help="重置口令。")
def passwd(username: Username) -> None:
    """Set a new password, which the user must change at the next log-in."""
    boot()
    from fisc.kernel.orgs import commands

    typer.echo(commands.set_password(username=username, password=ask_password()))


@user.command("unlock", cls=chinese.Command, help="解除因多次输错口令造成的锁定。")
def unlock(username: Username) -> None:
    """Let a locked-out user try again."""
    boot()
    from fisc.kernel.orgs import commands

    typer.echo(commands.unlock(username=username))


def ask_password() -> str:
    """Ask twice, without showing it."""
    return str(typer.prompt("口令", hide_input=True, confirmation_prompt="再输一次"))
