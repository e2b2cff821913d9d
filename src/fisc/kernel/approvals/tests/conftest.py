import pytest

from fisc.kernel.approvals.chains import Node, save_chain
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents import kinds
from fisc.kernel.documents.tests import kit

SECTION_FROM = 5_000_00


@pytest.fixture
def slip(db):
    """The test kind with a chain: 单位审核 → 业务股室审核 (from 5,000 元) → 国库审核."""
    kit.make_tables()
    kind = kit.slip_kind(flow=ChainFlow())
    with kinds.also(kind):
        nodes = [
            Node(0, "单位审核", "unit_reviewer", scope="unit"),
            Node(0, "业务股室审核", "section_reviewer", scope="section", amount_from_fen=SECTION_FROM),
            Node(0, "国库审核", "treasury_reviewer", limit_workdays=2),
        ]
        save_chain(kind=kind.code, nodes=nodes, actor=kit.make_actor("security"), at=kit.AT)
        yield kind


@pytest.fixture
def unit(db):
    return kit.make_unit()


@pytest.fixture
def maker(unit):
    return kit.make_actor("maker", "unit_maker", unit=unit, sees=[unit])


@pytest.fixture
def unit_reviewer(unit):
    return kit.make_actor("unit_reviewer", "unit_reviewer", unit=unit, sees=[unit])


@pytest.fixture
def section_reviewer(unit):
    return kit.make_actor("section_reviewer", "section_reviewer", section="XZ", sees=[unit])


@pytest.fixture
def treasury_reviewer(unit):
    return kit.make_actor("treasury_reviewer", "treasury_reviewer", section="GK")
