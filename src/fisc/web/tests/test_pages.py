"""Every page renders for those who may open it, with strict headers and a fixed number of queries."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fisc.kernel.modules import registry
from fisc.kernel.orgs.models import User
from fisc.web.middleware import CONTENT_SECURITY_POLICY

BUSINESS_PAGES = (
    "/", "/?chart=earn-sum", "/?month=3", "/inbox/", "/inbox/?view=mine", "/inbox/?view=done", "/find/?q=学校", "/reports/", "/ledger/",
    "/ledger/lines/?book=cash", "/ledger/vouchers/", "/ledger/periods/", "/codes/", "/codes/function/", "/codes/function/?q=教育", "/rules/",
    "/rules/findings/", "/account/password/", "/account/totp/",
    "/account/delegation/", "/imports/",
)  # fmt: skip
ADMIN_PAGES = {
    "system": ("/people/users/", "/people/users/new/", "/people/units/", "/people/chains/"),
    "security": ("/people/users/", "/people/roles/", "/people/chains/"),
    "audit": ("/audit/", "/audit/?who=周&action=login&since=2023-01-01&until=bad", "/people/users/"),
}


@pytest.mark.parametrize("path", BUSINESS_PAGES)
def test_pages_of_business_open(as_user, path: str) -> None:
    response = as_user("treasurer").get(path)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, paths in ADMIN_PAGES.items() for path in paths]
)
def test_pages_of_the_three_administrators_open(as_user, name: str, path: str) -> None:
    assert as_user(name).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/ledger/", "/codes/", "/reports/", "/rules/"])
def test_administrators_see_no_business(as_user, path: str) -> None:
    response = as_user("system").get(path)

    assert response.status_code == 403
    assert "没有办理此事项的权限" in response.content.decode()


def test_every_kind_has_a_list_and_an_export(as_user) -> None:
    client = as_user("treasurer")
    for code in registry.current().kinds:
        response = client.get(f"/d/{code}/")
        if response.status_code == 403:
            continue
        assert response.status_code == 200, code
        assert "没有符合条件的单据" in response.content.decode()
        assert client.get(f"/d/{code}/export.xlsx").content[:2] == b"PK"
        assert client.get(f"/d/{code}/print/").status_code == 200


def test_every_kind_that_is_made_by_hand_has_a_form(as_user) -> None:
    for name in ("officer", "budget", "maker"):
        client = as_user(name)
        for code in registry.current().kinds:
            response = client.get(f"/d/{code}/new/")
            assert response.status_code in (200, 403), code


def test_every_report_opens(as_user) -> None:
    client = as_user("treasurer")
    for code in registry.current().reports:
        assert client.get(f"/reports/{code}/").status_code in (200, 400), code


def test_every_import_has_its_upload_page_and_template(as_user) -> None:
    client = as_user("budget")
    for code, spec in registry.current().imports.items():
        response = client.get(f"/imports/{code}/")
        if response.status_code == 200:
            assert spec.title in response.content.decode()
            assert client.get(f"/imports/{code}/template.xlsx").content[:2] == b"PK"


class TestGate:
    def test_strangers_are_sent_to_log_in_and_back(self, client: Client, db: None) -> None:
        response = client.get("/d/treasury.payment/?tab=draft")

        assert response.status_code == 302
        assert response["Location"] == "/login/?next=%2Fd%2Ftreasury.payment%2F%3Ftab%3Ddraft"

    def test_a_part_of_a_page_sends_the_whole_page_there(self, client: Client, db: None) -> None:
        response = client.get("/find/?q=x", headers={"HX-Request": "true"})

        assert response["HX-Redirect"] == "/login/"

    def test_who_must_change_the_password_can_do_nothing_else(
        self, as_user, district: dict[str, User]
    ) -> None:
        district["treasurer"].must_change_password = True
        district["treasurer"].save()

        assert as_user("treasurer").get("/")["Location"] == "/account/password/"


class TestLogIn:
    def test_right_password_opens_the_session_and_the_goal(
        self, client: Client, district: dict[str, User]
    ) -> None:
        response = client.post(
            "/login/", {"username": "treasurer", "password": "Yunyu-2023-demo", "next": "/inbox/"}
        )

        assert (response.status_code, response["Location"]) == (302, "/inbox/")

    def test_a_goal_on_another_host_is_not_followed(self, client: Client, district: dict[str, User]) -> None:
        response = client.post(
            "/login/",
            {"username": "treasurer", "password": "Yunyu-2023-demo", "next": "https://evil.example/"},
        )

        assert response["Location"] == "/"

    def test_wrong_password_says_so_and_five_lock(self, client: Client, district: dict[str, User]) -> None:
        answers = [client.post("/login/", {"username": "treasurer", "password": "wrong"}) for _ in range(5)]

        assert [answer.status_code for answer in answers] == [401] * 5
        assert "不正确" in answers[0].content.decode()
        assert "已锁定" in answers[4].content.decode()

    def test_a_session_ends_however_busy(self, as_user) -> None:
        client = as_user("treasurer")
        session = client.session
        session["until"] = "2020-01-01T00:00:00+00:00"
        session.save()

        assert client.get("/inbox/")["Location"].startswith("/login/")

    def test_log_out_ends_it(self, as_user) -> None:
        client = as_user("treasurer")
        client.post("/logout/")

        assert client.get("/").status_code == 302

    def test_the_qr_of_a_new_second_factor_is_drawn_without_style(self, as_user) -> None:
        page = as_user("treasurer").post("/account/totp/").content.decode()

        assert "<svg" in page
        assert "otpauth://" in page


class TestHeaders:
    def test_csp_is_strict(self, as_user) -> None:
        response = as_user("treasurer").get("/")

        assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "unsafe" not in CONTENT_SECURITY_POLICY
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", [*BUSINESS_PAGES, "/login/", "/no-such-page/", "/d/treasury.payment/"])
    def test_no_page_carries_inline_script_or_style(self, as_user, path: str) -> None:
        page = as_user("treasurer").get(path).content.decode()

        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert "<style" not in page
        assert not re.search(r"\sstyle=", page)
        assert not re.search(r"\son(click|change|load|submit)=", page)

    def test_nothing_comes_from_another_host(self, as_user) -> None:
        page = as_user("treasurer").get("/").content.decode()

        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


class TestErrors:
    def test_unknown_page(self, as_user) -> None:
        response = as_user("treasurer").get("/no-such-page/")

        assert response.status_code == 404
        assert "没有找到这个页面" in response.content.decode()

    def test_unknown_document(self, as_user) -> None:
        assert as_user("treasurer").get("/doc/999999/").status_code == 404

    def test_a_figure_that_is_none(self, as_user) -> None:
        response = as_user("treasurer").get("/figures/nonsense/")

        assert response.status_code == 400
        assert "不是有效的指标编号" in response.content.decode()

    def test_a_fault_gets_a_number(self, as_user, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fisc.web.waiting.counts", lambda actor: 1 / 0)
        client = as_user("treasurer")
        client.raise_request_exception = False

        assert client.get("/account/password/").status_code == 500


class TestLook:
    def test_cookies_set_theme_unit_density_and_year_on_the_server(self, as_user) -> None:
        client = as_user("treasurer")
        client.cookies.load({"theme": "dark", "unit": "wan", "density": "wide", "year": "2022"})

        page = client.get("/d/treasury.payment/").content.decode()

        assert 'data-theme="dark" data-density="wide" data-unit="wan"' in page
        assert "2022 年度" in page
        assert "<span data-un>万元</span>" in page


def test_navigation_holds_only_what_one_may_open(as_user) -> None:
    business, system = (
        as_user(name).get("/account/password/").content.decode() for name in ("treasurer", "system")
    )

    assert "总会计账" in business
    assert "人员与权限" not in business
    assert "人员与权限" in system
    assert "总会计账" not in system


def test_the_shell_costs_few_queries(as_user) -> None:
    client = as_user("treasurer")
    client.get("/account/password/")

    with CaptureQueriesContext(connection) as queries:
        client.get("/account/password/")

    assert len(queries) <= 14, [query["sql"][:90] for query in queries]


class TestFilters:
    def test_bad_amounts_are_named_not_fatal(self, as_user) -> None:
        page = as_user("treasurer").get("/d/treasury.payment/?amount_from=abc").content.decode()

        assert "不是数字" in page

    def test_saved_views_are_ones_own(self, as_user) -> None:
        client = as_user("treasurer")
        client.post("/d/treasury.payment/views/", {"name": "大额", "query": "?amount_from=1000000"})

        assert "大额" in client.get("/d/treasury.payment/").content.decode()
        assert "大额" not in as_user("officer").get("/d/treasury.payment/").content.decode()

    def test_htmx_gets_the_part_only(self, as_user) -> None:
        page = (
            as_user("treasurer")
            .get("/d/treasury.payment/?q=x", headers={"HX-Request": "true"})
            .content.decode()
        )

        assert "<html" not in page
        assert 'class="tabs"' in page
