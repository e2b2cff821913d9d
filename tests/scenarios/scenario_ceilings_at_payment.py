"""三公“双控”到支付：下达额度以后，支付到额度为止，多一分不行；调增额度以后可以。"""

from __future__ import annotations

import pytest

from fisc.base.errors import Refusal
from fisc.domains.austerity import standing
from fisc.domains.austerity.items import RECEPTION, RUNNING, TOTAL
from fisc.domains.austerity.tests.test_ceilings import approved, change

pytestmark = pytest.mark.django_db


def test_a_payment_stops_at_its_ceiling(district) -> None:
    approved(district, ("121001", 1_000, 1_000, 1_500))
    reception = district.allotment(5_000, category="public", economic_code=RECEPTION)
    running = district.allotment(5_000, category="public", economic_code=RUNNING)

    district.submitted(reception, 1_000, title="公务接待费")
    with pytest.raises(Refusal) as refused:
        district.submitted(reception, 1, title="公务接待费")
    assert refused.value.error_code == "treasury.ceiling_short"

    # 分项够、总额不够
    district.submitted(running, 500, title="公务用车燃油")
    with pytest.raises(Refusal) as refused:
        district.submitted(running, 1, title="公务用车燃油")
    assert refused.value.error_code == "treasury.ceiling_short"

    unit = district.units["121001"].pk
    held = standing.ceilings(2023)
    assert (held[unit, RECEPTION].left_fen, held[unit, TOTAL].left_fen) == (0, 0)
    assert held[unit, RECEPTION].is_red and not held[unit, RUNNING].is_red

    # 按程序调增总额一元以后
    assert change(district, ("121001", TOTAL, 1), reason="会议批准").state == "approved"
    district.submitted(running, 1, title="公务用车燃油")
