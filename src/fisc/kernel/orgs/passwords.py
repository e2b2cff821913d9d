"""Password rules: length by policy, three kinds of characters, no name in it, none of the common ones.

Source: GB/T 22239-2019 8.1.4.1 身份鉴别 (复杂度要求，定期更换).
"""

from __future__ import annotations

import secrets
import string
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from fisc.base.errors import BadInput
from fisc.kernel.orgs.models import Policy, User

_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_KINDS_REQUIRED = 3  # of lower case, upper case, digits, others
_LONG_ENOUGH = 20  # from here on length replaces variety (a sentence)
_MAX_LENGTH = 256
_NAME_LENGTH = 3  # a shorter log-in name is in half of all passwords


class WeakPassword(BadInput):
    """{reason}"""

    code = "orgs.weak_password"


def policy() -> Policy:
    """This will give the limits in force; the defaults before anybody set them."""
    return Policy.objects.filter(id=1).first() or Policy()


def check_password_rules(password: str, *, user: User | None = None) -> None:
    """This will accept a password or say what it lacks. :raises WeakPassword: naming the rule that is broken."""
    limits = policy()
    if len(password) < limits.password_min_length:
        raise WeakPassword(reason=f"密码至少{limits.password_min_length}位。")
    if len(password) > _MAX_LENGTH:
        raise WeakPassword(reason=f"密码最多{_MAX_LENGTH}位。")
    if len(password) < _LONG_ENOUGH and _kinds(password) < _KINDS_REQUIRED:
        raise WeakPassword(reason="密码要包含大写字母、小写字母、数字、符号中的三种。")
    if user and len(user.username) >= _NAME_LENGTH and user.username.lower() in password.lower():
        raise WeakPassword(reason="密码不能包含登录名。")
    try:
        _common_passwords().validate(password, user)
    except ValidationError as error:
        raise WeakPassword(reason="这个密码太常见，请换一个。") from error
    if user and user.pk and user.password and user.check_password(password):
        raise WeakPassword(reason="新密码不能与原密码相同。")


@cache
def _common_passwords() -> CommonPasswordValidator:
    """Reads its list of 20,000 once."""
    return CommonPasswordValidator()


def is_expired(user: User, *, at: datetime) -> bool:
    """This will say whether the password is older than the policy allows."""
    days = policy().password_max_days
    if not days or user.password_changed_at is None:
        return False
    return at - user.password_changed_at > timedelta(days=days)


def random_password(length: int = 14) -> str:
    """This will make a password that keeps the rules, without characters one mistakes for another."""
    letters = "".join(sorted(set("".join(_KINDS)) - set("Il1O0o")))
    while True:
        candidate = "".join(secrets.choice(letters) for _ in range(length))
        if _kinds(candidate) >= _KINDS_REQUIRED:
            return candidate


def _kinds(password: str) -> int:
    named = [any(character in kind for character in password) for kind in _KINDS]
    other = any(not any(character in kind for kind in _KINDS) for character in password)
    return sum(named) + other
