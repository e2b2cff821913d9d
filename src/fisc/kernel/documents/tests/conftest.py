import pytest

from fisc.kernel.documents import kinds
from fisc.kernel.documents.tests import kit


@pytest.fixture
def slip(db):
    """The test kind without a chain, installed for one test."""
    kit.make_tables()
    kind = kit.slip_kind()
    with kinds.also(kind):
        yield kind


@pytest.fixture
def unit(db):
    return kit.make_unit()


@pytest.fixture
def maker(db, unit):
    return kit.make_actor("maker", unit=unit)


@pytest.fixture
def other(db):
    return kit.make_actor("other")
