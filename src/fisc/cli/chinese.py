"""The help pages' own words in Chinese: the library has no translation."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

HELP_TEXT = "显示本说明后退出。"


class Command(TyperCommand):
    """A command whose help option speaks Chinese."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the help option with our text."""
        return _translated(super().get_help_option(ctx))


class Group(TyperGroup):
    """A group of commands whose help option speaks Chinese."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the help option with our text."""
        return _translated(super().get_help_option(ctx))


def _translated(option: Any) -> Any:
    if option is not None:
        option.help = HELP_TEXT
    return option


def translate_headings() -> None:
    """Replace the headings of the help pages; costs the import of rich, so only when help is asked for."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.ERRORS_PANEL_TITLE = "错误"
    rich_utils.DEFAULT_STRING = "[缺省：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
