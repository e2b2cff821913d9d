"""The module's pages, as somebody with a browser uses them."""

import json

import pytest
from django.test import Client

from fisc.domains.progress.models import TargetLine
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def log_in(district):
    """log_in(who): a client logged in as that person, on the district's day."""
    clock.set_business_date(district.at.date())

    def enter(who):
        client = Client()
        client.force_login(User.objects.get(username=who))
        return client

    return enter


@pytest.mark.parametrize("level", ["unit", "section", "department"])
def test_the_league_lists_those_behind(district, log_in, level):
    district.allotment(yuan=1_000)

    page = log_in("leader").get(f"/progress/?month=202303&level={level}").content.decode()

    assert "−25.00" in page and "约谈" in page and "时间进度" in page


def test_a_unit_sees_itself_in_the_league(district, log_in):
    district.allotment(yuan=1_000)

    assert "云屿区第一中学" in log_in("maker").get("/progress/?month=202303").content.decode()
    assert "还没有下达的指标" in log_in("other_maker").get("/progress/?month=202303").content.decode()


def test_nodes_tell_what_is_stuck_and_take_a_limit(district, log_in):
    payment = district.approved(district.allotment(yuan=1_000))
    client = log_in("treasury_officer")

    page = client.get("/progress/nodes/?since=2023-03-01&until=2023-03-01").content.decode()
    assert Document.objects.get(pk=payment).number in page and "待发银行" in page and "单位审核" in page
    given = {"node": "treasury.payment/approved", "limit_workdays": "2", "role": "treasury_officer"}
    assert client.post("/progress/nodes/", given).status_code == 302
    assert client.post("/progress/nodes/", {**given, "limit_workdays": "x"}).status_code == 409
    assert log_in("leader").post("/progress/nodes/", given).status_code in (403, 409)


def test_the_list_of_what_is_supervised(district, log_in):
    district.allotment(yuan=1_000)

    page = log_in("leader").get("/progress/red/").content.decode()

    assert "云屿区第一中学" in page and "没有逾期未回复的催办" in page


def test_a_target_is_filled_in_as_a_sheet(district, log_in):
    district.allotment(yuan=1_000)
    target = district.create("progress.target", "treasury_officer", year="2023")
    client = log_in("treasury_officer")
    unit = district.units["121001"].pk
    page = client.get(f"/progress/targets/{target}/").content.decode()
    assert f'data-r="unit-{unit}"' in page

    def save(column, text, version):
        body = {"version": version, "changes": [[f"unit-{unit}", column, text, ""]]}
        return client.post(
            f"/progress/targets/{target}/save/", json.dumps(body), content_type="application/json"
        )

    good = save("m06", "55.5", 1)
    assert good.status_code == 200 and good.json()["version"] == 2, good.content.decode()
    assert save("m06", "70", 2).status_code == 422  # above July
    assert save("m07", "约六成", 2).status_code == 422

    assert f"{TargetLine.objects.get(level='unit').m06}" == "55.50"
    assert log_in("maker").get(f"/progress/targets/{target}/").status_code == 403


def test_documents_show_their_cards(district, log_in):
    district.allotment(yuan=1_000)
    target = district.create("progress.target", "treasury_officer", year="2023")
    bulletin = district.create("progress.bulletin", "treasury_officer", as_of=district.at.date())
    client = log_in("treasury_officer")

    assert "已分解到 1 个单位" in client.get(f"/doc/{target}/").content.decode()
    assert "单位排名" in client.get(f"/doc/{bulletin}/").content.decode()
    district.approve(bulletin, "treasury_officer")
    letter = Document.objects.get(kind="progress.letter").pk
    assert "第 1 位" in client.get(f"/doc/{letter}/").content.decode()
    assert "催办、约谈" in client.get(f"/doc/{bulletin}/").content.decode()
