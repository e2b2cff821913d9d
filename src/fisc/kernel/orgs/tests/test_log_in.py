"""Log-in: password, lock-out, second factor, password rules, sessions."""

from datetime import timedelta

import pyotp
import pytest
from django.db import connection

from fisc.base.errors import BadInput, NotAllowed
from fisc.kernel.orgs import accounts, auth, commands
from fisc.kernel.orgs.access import actor_for, system_actor
from fisc.kernel.orgs.auth import Outcome, authenticate
from fisc.kernel.orgs.models import User
from fisc.kernel.orgs.passwords import WeakPassword, check_password_rules, random_password
from fisc.kernel.orgs.tests.conftest import AT, PASSWORD

pytestmark = pytest.mark.django_db


def log_in(username="zhang", password=PASSWORD, totp="", at=AT):
    return authenticate(username=username, password=password, totp=totp, ip="10.0.0.8", at=at)


class TestLockOut:
    """连续输错五次锁定十五分钟。"""

    def test_right_password(self, person):
        user = person("zhang", unit="301")

        result = log_in()

        assert result.ok and result.outcome == Outcome.OK
        assert result.user == user
        assert log_in(username=" ZHANG ").ok

    def test_four_wrong_do_not_lock_the_fifth_does(self, person):
        person("zhang", unit="301")
        outcomes = [log_in(password="wrong").outcome for _ in range(4)]
        assert outcomes == [Outcome.WRONG] * 4
        assert log_in().ok

        fifth = [log_in(password="wrong") for _ in range(5)][-1]

        assert fifth.outcome == Outcome.LOCKED and "15分钟" in fifth.message
        assert log_in().outcome == Outcome.LOCKED

    def test_it_ends_after_fifteen_minutes_to_the_second(self, person):
        person("zhang", unit="301")
        for _ in range(5):
            log_in(password="wrong")

        assert log_in(at=AT + timedelta(minutes=15, seconds=-1)).outcome == Outcome.LOCKED
        assert log_in(at=AT + timedelta(minutes=15)).ok

    def test_the_limits_are_data(self, person, acting):
        person("zhang", unit="301")
        security = acting("se", roles=("security_admin",), unit="100")
        accounts.edit_policy(values={"lockout_attempts": 2, "lockout_minutes": 30}, actor=security, at=AT)

        log_in(password="wrong")

        assert "30分钟" in log_in(password="wrong").message

    def test_an_administrator_unlocks(self, person, acting):
        user = person("zhang", unit="301")
        for _ in range(5):
            log_in(password="wrong")

        accounts.unlock(user_id=user.pk, actor=acting("sa", roles=("system_admin",), unit="100"), at=AT)

        assert log_in().ok

    def test_unknown_closed_and_system_accounts_get_the_same_sentence(self, person):
        user = person("zhang", unit="301")
        User.objects.filter(pk=user.pk).update(is_active=False)

        answers = {log_in(username=name).message for name in ("nobody", "zhang", "system")}

        assert answers == {log_in(username="nobody").message}

    def test_each_attempt_is_in_the_trail(self, person):
        user = person("zhang", unit="301")
        log_in(password="wrong")
        log_in()

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT action, host(ip) FROM events_audit WHERE actor_id = %s ORDER BY id DESC LIMIT 2",
                [user.pk],
            )
            assert cursor.fetchall() == [("orgs.login.ok", "10.0.0.8"), ("orgs.login.wrong", "10.0.0.8")]


class TestSecondFactor:
    """动态口令可选；一个口令只用一次；密钥加密保存，只显示一次。"""

    @pytest.fixture
    def enrolled(self, person):
        user = person("zhang", unit="301")
        uri = auth.enrol_totp(user=user, at=AT, actor=actor_for(user, on=AT.date()))
        totp = pyotp.parse_uri(uri)
        auth.confirm_totp(user=user, code=totp.at(AT), at=AT, actor=actor_for(user, on=AT.date()))
        return user, totp

    def test_secret_is_not_stored_in_clear(self, enrolled):
        user, totp = enrolled
        user.refresh_from_db()

        assert totp.secret not in user.totp_secret_sealed
        with pytest.raises(NotAllowed):
            auth.enrol_totp(user=user, at=AT, actor=actor_for(user, on=AT.date()))

    def test_password_alone_is_not_enough(self, enrolled):
        assert log_in().outcome == Outcome.CODE_NEEDED
        assert not log_in(totp="000000").ok

    def test_a_code_counts_once(self, enrolled):
        _, totp = enrolled
        later = AT + timedelta(minutes=2)
        code = totp.at(later)

        assert log_in(totp=code, at=later).ok
        assert not log_in(totp=code, at=later + timedelta(seconds=5)).ok
        assert log_in(totp=totp.at(later + timedelta(seconds=30)), at=later + timedelta(seconds=30)).ok

    def test_a_clock_half_a_minute_off_is_borne_a_minute_is_not(self, enrolled):
        _, totp = enrolled
        later = AT + timedelta(minutes=2)

        assert not log_in(totp=totp.at(later - timedelta(seconds=60)), at=later).ok
        assert log_in(totp=totp.at(later - timedelta(seconds=30)), at=later).ok

    def test_wrong_codes_lock_too(self, enrolled):
        outcomes = [log_in(totp="000000", at=AT + timedelta(hours=1)).outcome for _ in range(5)]

        assert outcomes[-1] == Outcome.LOCKED

    def test_a_wrong_first_code_does_not_switch_it_on(self, person):
        user = person("wang", unit="301")
        auth.enrol_totp(user=user, at=AT, actor=actor_for(user, on=AT.date()))

        with pytest.raises(BadInput, match="动态口令不正确"):
            auth.confirm_totp(user=user, code="12345x", at=AT, actor=actor_for(user, on=AT.date()))
        assert log_in(username="wang").ok

    def test_a_lost_phone_is_cleared_by_the_system_admin(self, enrolled, acting):
        user, _ = enrolled
        auth.clear_totp(user_id=user.pk, at=AT, actor=acting("sa", roles=("system_admin",), unit="100"))

        assert log_in().ok


class TestPasswords:
    """口令规则；改口令后所有会话失效。"""

    @pytest.mark.parametrize(
        ("password", "message"),
        [
            ("Ab-345678", "至少10位"),
            ("abcdefghij", "三种"),
            ("Zhang-20230703", "登录名"),
            ("A1-" + "x" * 254, "最多256位"),
        ],
    )
    def test_weak_ones_are_named(self, password, message):
        with pytest.raises(WeakPassword, match=message):
            check_password_rules(password, user=User(username="zhang"))

    @pytest.mark.parametrize("password", ["Ab-3456789", "这是一句很长很长的话只有我自己记得住它的内容"])
    def test_good_ones_pass(self, password):
        check_password_rules(password, user=User(username="zhang"))

    def test_the_common_and_the_old_are_refused(self, person):
        user = person("zhang", unit="301")
        with pytest.raises(WeakPassword, match="太常见"):
            check_password_rules("Password123")
        with pytest.raises(WeakPassword, match="相同"):
            check_password_rules(PASSWORD, user=user)

    def test_random_ones_keep_the_rules(self):
        for _ in range(50):
            check_password_rules(random_password())

    def test_a_change_ends_sessions(self, person):
        user = person("zhang", unit="301")
        before = user.get_session_auth_hash()

        accounts.change_own_password(
            user=user, old=PASSWORD, new="Xin-kouling-88", at=AT, actor=actor_for(user, on=AT.date())
        )

        user.refresh_from_db()
        assert user.get_session_auth_hash() != before
        assert not log_in().ok
        assert log_in(password="Xin-kouling-88").ok

    def test_so_do_closing_and_ending(self, person):
        user = person("zhang", unit="301")
        before = user.get_session_auth_hash()
        accounts.end_sessions(user_id=user.pk, actor=actor_for(user, on=AT.date()), at=AT)
        user.refresh_from_db()

        assert user.get_session_auth_hash() != before

    def test_the_old_password_is_asked_for(self, person):
        user = person("zhang", unit="301")
        with pytest.raises(BadInput, match="原密码"):
            accounts.change_own_password(
                user=user, old="x", new="Xin-kouling-88", at=AT, actor=actor_for(user, on=AT.date())
            )

    def test_a_reset_one_must_be_changed(self, person):
        user = person("zhang", unit="301")
        accounts.reset_password(user_id=user.pk, new="Xin-kouling-88", actor=system_actor(), at=AT)

        assert log_in(password="Xin-kouling-88").outcome == Outcome.MUST_CHANGE_PASSWORD


class TestCommands:
    """命令行：新增、授权、重置、解锁、列出。"""

    def test_from_nothing_to_a_log_in(self, tree):
        commands.add_user(username="li", name="李某", unit_code="100", password=PASSWORD)
        line = commands.grant(username="li", role="section_reviewer", section_code="jkw")
        commands.set_password(username="li", password="Xin-kouling-88")
        commands.unlock(username="li")

        assert "业务股室" in line
        assert any("李某" in shown and "业务股室" in shown for shown in commands.list_users())

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: commands.unlock(username="nobody"), "没有用户 nobody"),
            (lambda: commands.grant(username="li", role="boss"), "没有角色 boss"),
            (
                lambda: commands.add_user(username="x", name="x", unit_code="999", password=PASSWORD),
                "没有代码为 999",
            ),
        ],
    )
    def test_mistakes_are_named(self, tree, call, message):
        commands.add_user(username="li", name="李某", unit_code="100", password=PASSWORD)

        with pytest.raises(BadInput, match=message):
            call()
