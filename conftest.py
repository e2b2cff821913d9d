"""Start the database before the first test; it keeps running for the next run (`fisc db stop` ends it)."""

import os
from collections.abc import Iterator

import pytest

from fisc.project import database

pytest_plugins = ("tests.demo_database",)


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server; parallel runs wait for one another on its lock."""
    database.ensure_started(os.environ)


@pytest.fixture(scope="session")
def _modules_of_the_product() -> tuple:
    """The modules that Django's start has installed."""
    from fisc.kernel.modules import registry

    return registry.current().modules


@pytest.fixture(scope="module", autouse=True)
def _each_test_module_leaves_the_product_as_it_was(_modules_of_the_product: tuple) -> Iterator[None]:
    """Install the product's modules again after test modules that put kinds or imports of their own in their place."""
    from fisc.kernel.modules import registry

    yield
    registry.install(_modules_of_the_product)
