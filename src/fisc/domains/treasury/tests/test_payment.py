"""支付申请: from the draft to the bank and back (norm A.10)."""


def test_smoke(district):
    allotment = district.allotment(yuan=100_000)
    assert district.figures(allotment) == {"635": 100_000}
    payment = district.submitted(allotment, yuan=1_000)
    assert district.figures(allotment) == {"635": 100_000, "held": 1_000}
