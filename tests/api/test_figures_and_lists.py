"""取数、代码表、单位、健康。"""

import datetime as dt

import pytest
from django.test import Client

from fisc.kernel.metrics import catalogue
from fisc.kernel.metrics.tests import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(bureau, monkeypatch):
    """Two receipts in a year of the small books; the small catalogue is in force."""
    books.open_books()
    books.book(
        books.receipt(600, on=dt.date(2023, 5, 6)), books.receipt(200, on=dt.date(2023, 6, 7), code="1030101")
    )
    monkeypatch.setattr(catalogue, "_installed", books.metrics())


class TestFigures:
    """一个数字：值、口径、算式、明细。"""

    def test_values_in_one_call(self, everything, posted):
        path = "/figures?metric=revenue.total&metric=revenue.tax.share&metric=revenue.total.growth&year=2023&month=6"

        total, share, growth = everything("GET", path).json()

        assert (total["value"], total["unit"], total["period"]) == ("800", "fen", "2023年1－6月累计")
        assert share["text"] == "75.00" and share["unit_label"] == "%" and len(share["inputs"]) == 2
        assert growth["value"] is None and growth["text"] == "—"

    def test_one_figure_down_to_its_entries(self, everything, posted):
        figure = everything("GET", "/figures?metric=revenue.total&year=2023&month=6").json()[0]

        detail = everything("GET", f"/figures/{figure['id']}?check=true&limit=1").json()
        assert detail["adds_up"] is True and sum(part["amount_fen"] for part in detail["parts"]) == 800
        assert [entry["amount_fen"] for entry in detail["entries"]["items"]] == [600]
        cursor = detail["entries"]["next_cursor"]
        rest = everything("GET", f"/figures/{figure['id']}/entries?cursor={cursor}").json()
        assert [entry["amount_fen"] for entry in rest["items"]] == [200] and rest["next_cursor"] == ""

    def test_whole_district_is_not_for_one_unit(self, of_school, posted):
        answer = of_school("GET", "/figures?metric=revenue.total&year=2023&month=6")

        assert answer.status_code == 403 and "全区口径" in answer.json()["message"]

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/figures?metric=no.such&year=2023&month=6", 404),
            ("/figures?metric=revenue.total&year=2023&month=13", 400),
            ("/figures?metric=revenue.total&year=2023&month=6&function=2';--", 400),
            ("/figures/nonsense", 400),
            ("/figures/revenue.total~202306?cursor=2023-99-99_1_1_1", 400),
            ("/figures/revenue.total~202306?cursor=7", 400),
        ],
    )
    def test_bad_questions(self, everything, posted, path, status):
        assert everything("GET", path).status_code == status

    def test_metrics_are_listed(self, everything, posted):
        codes = {metric["code"] for metric in everything("GET", "/metrics").json()}
        assert {"revenue.total", "revenue.tax.share"} <= codes


class TestLists:
    """代码和单位。"""

    def test_codes(self, everything):
        found = everything("GET", "/codes/function?q=2050203&year=2023&fund=general").json()

        assert [(code["code"], code["name"], code["is_leaf"]) for code in found] == [
            ("2050203", "初中教育", True)
        ]
        assert everything("GET", "/codes/nothing").status_code == 404
        assert everything("GET", "/codes/function?fund=x").status_code == 404
        assert len(everything("GET", "/codes/function?limit=200").json()) == 200

    def test_units_one_sees(self, everything, of_school):
        assert {unit["code"] for unit in everything("GET", "/units").json()} >= {"301", "001001"}
        assert [unit["name"] for unit in of_school("GET", "/units").json()] == ["实验小学"]
        assert everything("GET", "/units?q=教育").json()[0]["code"] == "301"

    def test_health_needs_no_token(self, anyone, bureau):
        answer = anyone("GET", "/health")

        assert answer.json()["status"] == "ok" and answer.json()["business_date"] == "2023-07-03"

    def test_no_such_address(self, anyone, bureau):
        answer = anyone("GET", "/nowhere")

        assert answer.status_code == 404 and answer.json()["code"] == "api.no_such_address"


def test_the_project_leads_here(settings, bureau):
    """真实的网址表里也有接口；接口说明不需登录，不从外网取任何东西。"""
    settings.ROOT_URLCONF = "fisc.project.urls"
    client = Client()

    assert client.get("/api/v1/health").status_code == 200
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.") and "ErrorOut" in described["components"]["schemas"]
    assert described["components"]["securitySchemes"] == {"TokenBearer": {"type": "http", "scheme": "bearer"}}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and {"400", "401", "404", "409"} <= set(operation["responses"]), (
                method,
                path,
            )
