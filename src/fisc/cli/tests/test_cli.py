"""The command line: quick, Chinese, and a refusal is a sentence."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from fisc.base.errors import Refusal, Way
from fisc.cli import app as cli
from fisc.cli import books

runner = CliRunner()


def test_help_is_chinese_and_imports_no_django():
    """What keeps it quick; how quick it is, the benchmark says."""
    shown = subprocess.run(
        [sys.executable, "-m", "fisc", "--help"], capture_output=True, text=True, check=True
    )

    assert "一本账" in shown.stdout and "显示本说明" in shown.stdout
    modules = subprocess.run(
        [sys.executable, "-c", "import sys, fisc.cli.app; print('django' in sys.modules, 'psycopg' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert modules.stdout.strip() == "False False"


@pytest.mark.parametrize(
    "words",
    [[name] for name, _, _ in cli.COMMANDS]
    + [["report", "half-year"], ["report", "verify"]]
    + [["user", name] for name in ("list", "add", "grant", "passwd", "unlock")]
    + [["db", name] for name in ("start", "stop", "psql", "url", "remove")],
)
def test_every_command_explains_itself_in_chinese(words):
    shown = runner.invoke(cli.app, [*words, "--help"])

    assert shown.exit_code == 0
    assert any("\u4e00" <= character <= "\u9fff" for character in shown.output.split("选项")[0])


def test_a_wrong_word_is_exit_code_2():
    assert runner.invoke(cli.app, ["nothing"]).exit_code == 2


def test_a_refusal_is_a_sentence_with_its_ways_on(monkeypatch, capsys):
    def refuse() -> None:
        raise Refusal("已结账。", code="ledger.closed", ways=[Way("记到下期", "x")])

    monkeypatch.setattr(cli, "app", refuse)

    with pytest.raises(SystemExit) as left:
        cli.run()

    assert left.value.code == 1
    assert capsys.readouterr().err == "已结账。\n（ledger.closed）\n  可以：记到下期\n"


def test_a_mistake_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(cli, "app", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        cli.run()


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_findings_show_in_the_exit_code(ok, code):
    class Result:
        def __init__(self) -> None:
            self.ok = ok

        def lines(self) -> list[str]:
            return ["一行"]

    import typer

    app = typer.Typer()
    app.command()(lambda: books.show(Result()))

    shown = runner.invoke(app)

    assert (shown.exit_code, shown.output) == (code, "一行\n")
