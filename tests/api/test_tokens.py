"""令牌：登录取得，只存摘要，到期、撤销、改密即失效；猜不动。"""

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone
from tests.api.conftest import PASSWORD, Caller

from fisc.api import tokens
from fisc.api.models import LoginWindow, Token
from fisc.kernel.orgs import accounts
from fisc.kernel.orgs.access import actor_for, system_actor

pytestmark = pytest.mark.django_db


def log_in(anyone, **changes):
    return anyone("POST", "/tokens", {"username": "zhang", "password": PASSWORD, **changes})


@pytest.fixture
def zhang(person):
    return person("zhang", "unit_maker", unit="301")


class TestLogIn:
    """登录。"""

    def test_token_works_and_only_its_digest_is_kept(self, anyone, zhang):
        answer = log_in(anyone, name="预算对接", days=7)

        issued = answer.json()
        assert answer.status_code == 201 and issued["token"].startswith("fisc_")
        me = Caller(issued["token"])("GET", "/me").json()
        assert (me["username"], me["roles"], me["sees_all_units"]) == ("zhang", ["unit_maker"], False)
        row = Token.objects.get()
        assert row.digest == tokens.digest_of(issued["token"]) and issued["token"] not in str(vars(row))

    @pytest.mark.parametrize(
        "changes", [{"password": "x" * 12}, {"username": "nobody"}, {"username": "system"}]
    )
    def test_wrong_log_in(self, anyone, zhang, changes):
        answer = log_in(anyone, **changes)

        assert answer.status_code == 401 and answer.json()["code"] == "api.wrong_login"
        assert answer.json()["message"] == "登录名、密码或动态口令不正确。"
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_fifth_wrong_password_locks(self, anyone, zhang):
        for _ in range(5):
            log_in(anyone, password="wrong-password")

        assert "已锁定" in log_in(anyone).json()["message"]

    def test_address_is_slowed_down(self, anyone, zhang, monkeypatch):
        moment = timezone.now().replace(second=20)
        monkeypatch.setattr(
            tokens.timezone if hasattr(tokens, "timezone") else timezone, "now", lambda: moment
        )
        for _ in range(tokens.ATTEMPTS_PER_MINUTE):
            assert log_in(anyone, username="nobody").status_code == 401

        answer = log_in(anyone)

        assert answer.status_code == 429 and answer["Retry-After"] == "40"
        assert LoginWindow.objects.get().count == tokens.ATTEMPTS_PER_MINUTE + 1
        assert not Token.objects.exists()

    def test_password_that_must_change(self, anyone, zhang):
        zhang.must_change_password = True
        zhang.save()

        assert log_in(anyone).json()["code"] == "api.must_change_password"

    @pytest.mark.parametrize("days", [0, 367, "x"])
    def test_days_are_limited(self, anyone, zhang, days):
        assert log_in(anyone, days=days).status_code == 400


class TestEnd:
    """失效。"""

    @pytest.fixture
    def issued(self, zhang):
        return tokens.make(user=zhang, name="x", days=1, ip="", at=timezone.now())

    def answer(self, issued):
        return Caller(issued.secret)("GET", "/me").status_code

    def test_expired(self, issued):
        assert self.answer(issued) == 200
        long_ago = timezone.now() - dt.timedelta(days=2)
        Token.objects.update(created_at=long_ago, expires_at=long_ago + dt.timedelta(days=1))

        assert self.answer(issued) == 401

    def test_revoked(self, issued):
        caller = Caller(issued.secret)

        assert caller("DELETE", f"/tokens/{issued.token.pk}").json()["revoked_at"]
        assert self.answer(issued) == 401

    def test_somebody_elses_token_is_not_there(self, issued, person, caller):
        other = caller(person("li", "unit_maker", unit="301"))

        assert other("DELETE", f"/tokens/{issued.token.pk}").status_code == 404
        assert len(other("GET", "/tokens").json()) == 1 and self.answer(issued) == 200

    def test_new_password_ends_it(self, issued, zhang):
        boss = replace(system_actor(), user_id=system_actor().user_id)
        accounts.reset_password(user_id=zhang.pk, new="Xin-mima-2023-88", actor=boss, at=timezone.now())

        assert self.answer(issued) == 401

    def test_person_who_left(self, issued, zhang):
        zhang.is_active = False
        zhang.save()

        assert self.answer(issued) == 401

    def test_rights_are_those_of_today(self, issued, zhang):
        zhang.grants.update(valid_to=dt.date(2023, 6, 30))

        assert Caller(issued.secret)("GET", "/me").json()["permissions"] == []
        assert actor_for(zhang).permissions == frozenset()


class TestNoCookies:
    """浏览器会话不能用来调接口，也就没有跨站伪造。"""

    def test_session_counts_for_nothing(self, zhang):
        client = Client()
        client.force_login(zhang)

        assert client.get("/api/v1/me").status_code == 401
        assert client.post("/api/v1/documents", data="{}", content_type="application/json").status_code == 401

    @pytest.mark.parametrize("secret", ["", "x", "fisc_" + "a" * 43, "fisc_\ufffd"])
    def test_nonsense_tokens(self, bureau, secret):
        answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})

        assert answer.status_code == 401 and answer.json()["code"] == "api.not_logged_in"
