"""Start the database before the first test; it keeps running for the next run (`fisc db stop` ends it)."""

import os

import pytest

from fisc.project import database

pytest_plugins = ("tests.demo_database",)


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server; parallel runs wait for one another on its lock."""
    database.ensure_started(os.environ)
