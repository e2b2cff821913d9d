"""Log-in: password, lock-out, optional second factor (TOTP, RFC 6238), each attempt in the audit trail.

Source: GB/T 22239-2019 8.1.4.1 身份鉴别: limit of failed attempts, two factors. The answer to a wrong name and to a
wrong password is the same sentence, and takes the same time.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from fisc.base.errors import BadInput, NotAllowed
from fisc.kernel.orgs import audit
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import User
from fisc.kernel.orgs.passwords import is_expired, policy

_ISSUER = "Fisc 财政一本账"
_STEP_SECONDS = 30
_DRIFT_STEPS = 1  # a phone's clock may be half a minute off


class Outcome(StrEnum):
    """What came of an attempt."""

    OK = "ok"
    MUST_CHANGE_PASSWORD = "must_change_password"
    WRONG = "wrong"
    LOCKED = "locked"
    CODE_NEEDED = "code_needed"


@dataclass(frozen=True)
class AuthResult:
    """The answer to a log-in; ``user`` only when the person is known to be who he says."""

    outcome: Outcome
    message: str
    user: User | None = None
    locked_until: datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether a session may begin."""
        return self.user is not None


_WRONG = "登录名、密码或动态口令不正确。"


def authenticate(*, username: str, password: str, totp: str = "", ip: str = "", at: datetime) -> AuthResult:
    """This will check a log-in, count failures, and lock after too many; it never raises for a wrong one."""
    with transaction.atomic():
        user = (
            User.objects.select_for_update()
            .filter(username__iexact=username.strip(), is_system=False)
            .first()
        )
        if user is None or not user.is_active:
            make_password(password)  # the same work as for a known name
            _record_unknown(username, ip, at)
            return AuthResult(Outcome.WRONG, _WRONG)
        if user.locked_until and user.locked_until > at:
            _record(user, "orgs.login.locked", ip, at)
            return _locked_result(user.locked_until, at)
        if not user.check_password(password):
            return _failed(user, ip, at)
        if user.totp_confirmed_at and not totp.strip():
            return AuthResult(Outcome.CODE_NEEDED, "请输入动态口令。")
        if user.totp_confirmed_at and not _accept_code(user, totp, at):
            return _failed(user, ip, at)
        return _succeeded(user, ip, at)


def _succeeded(user: User, ip: str, at: datetime) -> AuthResult:
    user.failed_logins, user.locked_until, user.last_login = 0, None, at
    user.save(update_fields=["failed_logins", "locked_until", "last_login", "totp_last_step"])
    _record(user, "orgs.login.ok", ip, at)
    if user.must_change_password or is_expired(user, at=at):
        return AuthResult(Outcome.MUST_CHANGE_PASSWORD, "请先修改密码。", user)
    return AuthResult(Outcome.OK, "", user)


def _failed(user: User, ip: str, at: datetime) -> AuthResult:
    limits = policy()
    user.failed_logins += 1
    locks = user.failed_logins >= limits.lockout_attempts
    if locks:
        user.failed_logins, user.locked_until = 0, at + timedelta(minutes=limits.lockout_minutes)
    user.save(update_fields=["failed_logins", "locked_until"])
    _record(user, "orgs.login.lock" if locks else "orgs.login.wrong", ip, at)
    if locks and user.locked_until:
        return _locked_result(user.locked_until, at)
    return AuthResult(Outcome.WRONG, _WRONG)


def _locked_result(until: datetime, at: datetime) -> AuthResult:
    minutes = max(1, -(-int((until - at).total_seconds()) // 60))
    return AuthResult(
        Outcome.LOCKED, f"连续输错次数过多，账户已锁定，请{minutes}分钟后再试。", locked_until=until
    )


def enrol_totp(*, user: User, at: datetime, actor: Actor) -> str:
    """This will make a new secret and give its otpauth address, once; it counts after ``confirm_totp``.

    :raises NotAllowed: for somebody else's account, or when one is in use.
    """
    if actor.user_id != user.pk:
        raise NotAllowed("只能为自己开通动态口令。")
    if user.totp_confirmed_at:
        raise NotAllowed("动态口令已开通；要更换请先由系统管理员清除。")
    secret = pyotp.random_base32()
    user.totp_secret_sealed = _seal(secret)
    user.totp_last_step = None
    with transaction.atomic():
        user.save(update_fields=["totp_secret_sealed", "totp_last_step"])
        _record(user, "orgs.totp.enrol", actor.ip, at)
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=_ISSUER)


def confirm_totp(*, user: User, code: str, at: datetime, actor: Actor) -> None:
    """This will switch the second factor on after a first right code. :raises BadInput: if the code is wrong."""
    if actor.user_id != user.pk:
        raise NotAllowed("只能为自己开通动态口令。")
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if not locked.totp_secret_sealed or not _accept_code(locked, code, at):
            raise BadInput("动态口令不正确，请核对手机时间后重试。", code="orgs.totp_wrong")
        locked.totp_confirmed_at = at
        locked.save(update_fields=["totp_confirmed_at", "totp_last_step"])
        _record(locked, "orgs.totp.confirm", actor.ip, at)


def clear_totp(*, user_id: int, at: datetime, actor: Actor) -> None:
    """This will take the second factor off an account whose phone was lost. :raises NotAllowed:"""
    if not actor.can("orgs.users.edit") or actor.user_id == user_id:
        raise NotAllowed("动态口令由系统管理员为他人清除。")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        user.totp_secret_sealed, user.totp_confirmed_at, user.totp_last_step = "", None, None
        user.session_version += 1
        user.save(
            update_fields=["totp_secret_sealed", "totp_confirmed_at", "totp_last_step", "session_version"]
        )
        audit.record(
            actor=actor,
            at=at,
            action="orgs.totp.clear",
            object_kind="orgs.user",
            object_id=user.pk,
            detail={"username": user.username},
        )


def _accept_code(user: User, code: str, at: datetime) -> bool:
    """A code counts once: its step must be later than the last one used. Sets the step; the caller saves."""
    digits = code.replace(" ", "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return False
    secret = pyotp.TOTP(_unseal(user.totp_secret_sealed))
    now = int(at.timestamp()) // _STEP_SECONDS
    for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1):
        is_new = user.totp_last_step is None or step > user.totp_last_step
        if is_new and pyotp.utils.strings_equal(secret.generate_otp(step), digits):
            user.totp_last_step = step
            return True
    return False


def _fernet(key: str | bytes) -> Fernet:
    plain = key.encode() if isinstance(key, str) else key
    digest = hashlib.sha256(b"fisc.kernel.orgs.totp:" + plain).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _seal(secret: str) -> str:
    return _fernet(settings.SECRET_KEY).encrypt(secret.encode()).decode()


def _unseal(sealed: str) -> str:
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _fernet(key).decrypt(sealed.encode()).decode()
        except InvalidToken:
            continue
    raise NotAllowed("动态口令密钥无法解开（系统密钥已更换），请由系统管理员清除后重新开通。")


def _record(user: User, action: str, ip: str, at: datetime) -> None:
    actor = Actor(user.pk, user.username, user.name, frozenset(), frozenset(), ip=ip)
    audit.record(actor=actor, at=at, action=action, object_kind="orgs.user", object_id=user.pk, detail={})


def _record_unknown(username: str, ip: str, at: datetime) -> None:
    system = User.objects.get(is_system=True)
    actor = Actor(system.pk, system.username, system.name, frozenset(), frozenset(), ip=ip)
    audit.record(
        actor=actor,
        at=at,
        action="orgs.login.unknown",
        object_kind="orgs.user",
        object_id=None,
        detail={"username": username[:60]},
    )
