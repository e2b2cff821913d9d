"""`make new-module NAME=…` writes a module that works and conforms, and refuses names that cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fisc.kernel.modules.scaffold import BadModuleName, check_name, free_prefix, main, write_module
from fisc.project import paths

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "fisc"


class TestNames:
    """模块名：小写英文，不与已有的重名。"""

    @pytest.mark.parametrize("name", ["abc", "open_data", "a2b", "x" * 20])
    def test_good(self, name):
        check_name(name, SOURCE)

    @pytest.mark.parametrize(
        "name", ["ab", "x" * 21, "Abc", "1abc", "a-b", "a__b", "a_", "资产", "class", "../x", ""]
    )
    def test_bad(self, name):
        with pytest.raises(BadModuleName, match="小写英文"):
            check_name(name, SOURCE)

    @pytest.mark.parametrize("name", ["treasury", "ledger", "kernel", "web"])
    def test_taken(self, name):
        with pytest.raises(BadModuleName, match="已有名为"):
            check_name(name, SOURCE)

    def test_the_prefix_is_free(self):
        assert free_prefix("zfx", SOURCE) not in ("ZF", "XM")

    def test_the_command_says_what_is_wrong(self, capsys):
        assert main([]) == 2
        assert main(["Treasury"]) == 1
        assert "小写英文" in capsys.readouterr().err


@pytest.fixture
def copy_of_the_tree(tmp_path):
    """Everything a test run needs, beside the real tree."""
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.slow
def test_a_new_module_works_and_conforms(copy_of_the_tree):
    write_module("sampling", title="抽样检查", source=copy_of_the_tree / "src" / "fisc")
    suffix = os.environ.get("FISC_TEST_SUFFIX", "")
    environment = {
        **os.environ,
        "PYTHONPATH": f"{copy_of_the_tree / 'src'}{os.pathsep}{copy_of_the_tree}",
        "FISC_VAR": str(paths.var_dir()),
        "FISC_TEST_SUFFIX": f"{suffix}_sampling".strip("_"),
        "DJANGO_SETTINGS_MODULE": "fisc.project.settings",
    }

    def run(*command: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=copy_of_the_tree, env=environment | more, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    run("ruff", "check", "src/fisc/domains/sampling")
    # the developer's own database may stand anywhere: look at the files only
    run(
        "django", "makemigrations", "--check", "--dry-run", "sampling", FISC_VAR=str(copy_of_the_tree / "var")
    )
    tested = run(
        "pytest", "-q", "-p", "no:cacheprovider", "tests/conformance/test_modules.py", "src/fisc/domains/sampling",
        "-k", "sampling",
    )  # fmt: skip

    assert "passed" in tested
