"""Tokens: made at a log-in, shown once, kept as a digest; the same rights as the person, checked at every call."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.db import connection, transaction

from fisc.api.models import LoginWindow, Token
from fisc.base.errors import FiscError, NotAllowed, NotFound
from fisc.kernel.events import audit
from fisc.kernel.orgs import access, auth
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import User

PREFIX = "fisc_"
MAX_DAYS = 366
ATTEMPTS_PER_MINUTE = 10
_USED_EVERY = dt.timedelta(minutes=1)
COUNT_ATTEMPT = """
INSERT INTO api_login_window AS window_ (source, minute, count)
VALUES (%s, date_trunc('minute', %s::timestamptz), 1)
ON CONFLICT (source, minute) DO UPDATE SET count = window_.count + 1
RETURNING count
"""


class NotLoggedIn(FiscError):
    """令牌无效、已到期或已撤销，请重新获取令牌。"""

    code = "api.not_logged_in"


class WrongLogin(FiscError):
    """{message}"""

    code = "api.wrong_login"


class TooOften(FiscError):
    """尝试过于频繁，请 {seconds} 秒后再试。"""

    code = "api.too_often"


@dataclass(frozen=True)
class Issued:
    """A new token: the secret is shown this once."""

    token: Token
    secret: str


def issue(
    *, username: str, password: str, totp: str, name: str, days: int, ip: str, at: dt.datetime
) -> Issued:
    """This will log a person in and make a token for `days` days.

    :raises TooOften: too many attempts from this address in the running minute
    :raises WrongLogin: name, password or one-time code are wrong, or the account is locked
    :raises NotAllowed: the password must be changed first, in the browser
    """
    count_attempt(ip=ip, at=at)
    result = auth.authenticate(username=username, password=password, totp=totp, ip=ip, at=at)
    if result.user is None:
        raise WrongLogin(message=result.message)
    if result.outcome is not auth.Outcome.OK:
        raise NotAllowed("请先在网页上修改密码，再获取令牌。", code="api.must_change_password")
    return make(user=result.user, name=name, days=days, ip=ip, at=at)


def count_attempt(*, ip: str, at: dt.datetime) -> None:
    """This will count an attempt. :raises TooOften: when the address has used up its minute."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ATTEMPT, [ip[:64], at])
        count = cursor.fetchone()[0]
    if count == 1:
        LoginWindow.objects.filter(minute__lt=at - dt.timedelta(hours=1)).delete()
    if count > ATTEMPTS_PER_MINUTE:
        raise TooOften(seconds=60 - at.second)


@transaction.atomic
def make(*, user: User, name: str, days: int, ip: str, at: dt.datetime) -> Issued:
    """This will make a token for somebody who is known to be who he says."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name,
        digest=digest_of(secret),
        beginning=secret[:12],
        session_version=user.session_version,
        created_at=at,
        created_from=ip or None,
        expires_at=at + dt.timedelta(days=days),
    )
    _record(token, user, "api.token.issued", ip, at)
    return Issued(token=token, secret=secret)


def digest_of(secret: str) -> str:
    """SHA-256: the secret is 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def actor_of(secret: str, *, ip: str, device: str, at: dt.datetime) -> tuple[Actor, Token]:
    """This will find the person behind a token, with today's rights.

    :raises NotLoggedIn: unknown, expired, revoked; the person left or changed the password
    """
    token = Token.objects.select_related("user__section").filter(digest=digest_of(secret)).first()
    if token is None or token.revoked_at or token.expires_at <= at:
        raise NotLoggedIn()
    user = token.user
    if not user.is_active or user.session_version != token.session_version or user.must_change_password:
        raise NotLoggedIn()
    if token.last_used_at is None or at - token.last_used_at > _USED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=at)
    return access.actor_for(user, ip=ip, device=device), token


def of(actor: Actor) -> list[Token]:
    """This will list a person's own tokens, newest first."""
    return list(Token.objects.filter(user_id=actor.user_id))


@transaction.atomic
def revoke(token_id: int, *, actor: Actor, at: dt.datetime) -> Token:
    """This will end one of the actor's own tokens; ending it again changes nothing. :raises NotFound:"""
    token = Token.objects.select_for_update(of=("self",)).select_related("user").filter(pk=token_id).first()
    if token is None or token.user_id != actor.user_id:
        raise NotFound("没有这个令牌。")
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        _record(token, token.user, "api.token.revoked", actor.ip, at)
    return token


def _record(token: Token, user: User, action: str, ip: str, at: dt.datetime) -> None:
    row = audit.AuditRow(
        at=at,
        actor_id=user.pk,
        actor_name=user.name,
        action=action,
        object_kind="api.token",
        object_id=str(token.pk),
        ip=ip or None,
        detail={"name": token.name, "expires_at": token.expires_at.isoformat()},
    )
    audit.record_many([row])
