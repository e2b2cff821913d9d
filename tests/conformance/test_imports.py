"""What the import contracts of pyproject.toml cannot see: string references, and the web inside logic files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "fisc"
DOMAINS = SOURCE / "domains"
LOGIC_FILES = {"postings.py", "services.py", "metrics.py", "module.py", "models.py"}
WEB = ("django.http", "django.forms", "django.shortcuts", "django.views", "django.template")
LEDGER_TABLE = re.compile(r"\b(FROM|JOIN|INTO|UPDATE|TRUNCATE|TABLE)\s+(ONLY\s+)?ledger_[a-z_]+\b(?!\()")
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}


def domain_labels() -> set[str]:
    """Return the names of the domain modules."""
    return {path.name for path in DOMAINS.iterdir() if (path / "__init__.py").exists()}


def string_relations(tree: ast.AST) -> Iterator[str]:
    """Yield the targets of relations that are written as text."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        targets = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "to")]
        if name in RELATIONS:
            yield from (
                node.value
                for node in targets
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            )


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of all imported modules and of the names taken from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_web(name: str) -> bool:
    """Say whether a module belongs to the web side of Django."""
    return any(name == web or name.startswith(f"{web}.") for web in WEB)


def is_logic(path: Path) -> bool:
    """Say whether a file holds logic: the named files anywhere, and everything of kernel and base but its apps."""
    return path.name in LOGIC_FILES or "postings" in path.parts


def sources(folder: Path) -> list[Path]:
    """Return the Python files of a folder, tests and migrations left out."""
    return [path for path in sorted(folder.rglob("*.py")) if not {"tests", "migrations"} & set(path.parts)]


@pytest.mark.parametrize("folder", sorted(DOMAINS.iterdir()), ids=lambda folder: folder.name)
def test_no_domain_points_at_another_domain_s_table(folder):
    others = domain_labels() - {folder.name}

    found = [
        (path.name, target)
        for path in folder.rglob("*.py")
        for target in string_relations(ast.parse(path.read_text(encoding="utf-8")))
        if target.split(".")[0] in others
    ]

    assert not found, "documents point at one another through the kernel's header only"


def test_the_kernel_points_at_no_domain():
    found = [
        (path.name, target)
        for path in sources(SOURCE / "kernel")
        for target in string_relations(ast.parse(path.read_text(encoding="utf-8")))
        if target.split(".")[0] in domain_labels()
    ]

    assert not found


@pytest.mark.parametrize(
    "path",
    [path for path in sources(SOURCE) if is_logic(path)],
    ids=lambda path: str(path.relative_to(SOURCE)),
)
def test_logic_knows_no_web(path):
    found = [name for name in imported(ast.parse(path.read_text(encoding="utf-8"))) if is_web(name)]

    assert not found, f"{path.name} holds logic; pages translate"


@pytest.mark.parametrize("folder", ["base", "kernel"])
def test_base_and_kernel_know_no_requests(folder):
    found = [
        (str(path.relative_to(SOURCE)), name)
        for path in sources(SOURCE / folder)
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if is_web(name)
    ]

    assert not found


@pytest.mark.parametrize("suffix", ["*.py", "*.sql"])
def test_only_the_ledger_names_its_tables_in_sql(suffix):
    """Others read its views and functions. Only standing checks, which are to prove the tables, look at them."""
    found = [
        (str(path.relative_to(SOURCE)), match.group(0))
        for path in sorted(SOURCE.rglob(suffix))
        if not {"ledger", "tests", "invariants.py", "invariants.sql"} & set(path.parts)
        for match in LEDGER_TABLE.finditer(path.read_text(encoding="utf-8"))
    ]

    assert not found


@pytest.mark.parametrize("folder", sorted(DOMAINS.iterdir()), ids=lambda folder: folder.name)
def test_no_domain_names_another_domain_s_tables_in_sql(folder):
    """Others read the published views v_<module>_<noun> (docs/adr/how-modules-meet.md)."""
    others = domain_labels() - {folder.name}
    tables = re.compile(
        rf"\b(FROM|JOIN|INTO|UPDATE|TRUNCATE|TABLE)\s+(ONLY\s+)?({'|'.join(others)})_[a-z_]+\b(?!\()"
    )

    found = [
        (str(path.relative_to(folder)), match.group(0))
        for suffix in ("*.py", "*.sql")
        for path in folder.rglob(suffix)
        if "tests" not in path.parts
        for match in tables.finditer(path.read_text(encoding="utf-8"))
    ]

    assert not found


@pytest.mark.parametrize("suffix", ["*.py", "*.sql"])
def test_nobody_else_writes_ledger_tables(suffix):
    """Not even a standing check: posting functions are the only door."""
    found = [
        (str(path.relative_to(SOURCE)), match.group(0))
        for path in sorted(SOURCE.rglob(suffix))
        if not {"ledger", "tests"} & set(path.parts)
        for match in LEDGER_TABLE.finditer(path.read_text(encoding="utf-8"))
        if match.group(1) not in ("FROM", "JOIN")
        or "DELETE" in path.read_text(encoding="utf-8")[: match.start()][-8:]
    ]

    assert not found


class TestTheTestsThemselves:
    """A check that never fails proves nothing."""

    def test_relations_are_seen(self):
        code = "a = models.ForeignKey('budget.Allotment')\nb = ForeignKey(to='x.Y')\nc = f('n.M')"

        assert list(string_relations(ast.parse(code))) == ["budget.Allotment", "x.Y"]

    def test_ledger_tables_are_seen_and_its_functions_are_not(self):
        assert LEDGER_TABLE.search("SELECT 1 FROM ledger_entry AS e")
        assert LEDGER_TABLE.search("INSERT INTO\n  ledger_transfer (id)")
        assert not LEDGER_TABLE.search("SELECT * FROM ledger_post(1)") and not LEDGER_TABLE.search(
            "FROM v_ledger_entry"
        )

    def test_web_imports_are_seen(self):
        code = "from django.http import HttpResponse\nfrom django import forms\nfrom django.db import models"

        assert [is_web(name) for name in imported(ast.parse(code))] == [True, True, False, True, False, False]
