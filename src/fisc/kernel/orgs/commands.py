"""What the command line's ``fisc user`` calls. Who can start it administers the machine; acts are the system's own.

Each function gives the line (or lines) to print; errors are the Chinese errors of the doors below.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fisc.base.errors import BadInput
from fisc.kernel.orgs import accounts, clock
from fisc.kernel.orgs.access import active_grants, system_actor
from fisc.kernel.orgs.models import Role, Section, Unit, User


def list_users() -> Iterator[str]:
    """This will give one line per account: log-in name, name, where, roles, state."""
    now = clock.business_now()
    roles: dict[int, list[str]] = {}
    for grant in active_grants(on=now.date()):
        roles.setdefault(grant.user_id, []).append(grant.role.name)
    for user in User.objects.filter(is_system=False).select_related("unit", "section"):
        place = " ".join(str(part) for part in (user.unit, user.section) if part) or "—"
        shown = "、".join(roles.get(user.pk, [])) or "无角色"
        yield f"{user.username:<20}{user.name}　{place}　{shown}　{_state(user, now)}"


def _state(user: User, now: datetime) -> str:
    if not user.is_active:
        return "停用"
    if user.locked_until and user.locked_until > now:
        return f"锁定至 {user.locked_until:%H:%M}"
    return "正常" if user.has_usable_password() else "未设口令"


def add_user(
    *, username: str, name: str, unit_code: str, password: str, section_code: str | None = None
) -> str:
    """This will open an account without rights."""
    draft = accounts.AccountDraft(
        username=username,
        name=name,
        unit_id=_unit(unit_code).pk,
        section_code=section_code,
        password=password,
    )
    user = accounts.create_user(draft=draft, actor=system_actor(), at=clock.business_now())
    return f"已新增用户 {user.username}（{user.name}），尚无角色，请用 fisc user grant 授权。"


def grant(*, username: str, role: str, unit_code: str | None = None, section_code: str | None = None) -> str:
    """This will give a role from the business date on; a section says where the person sits."""
    actor, at = system_actor(), clock.business_now()
    user = _user(username)
    if not Role.objects.filter(code=role).exists():
        known = "、".join(f"{row.code} {row.name}" for row in Role.objects.all())
        raise BadInput(f"没有角色 {role}。可用角色：{known}。", code="orgs.unknown_role")
    if section_code:
        if not Section.objects.filter(code=section_code).exists():
            raise BadInput(f"没有股室 {section_code}。", code="orgs.unknown_section")
        accounts.edit_user(
            user_id=user.pk,
            actor=actor,
            at=at,
            name=user.name,
            unit_id=user.unit_id,
            section_code=section_code,
            phone=user.phone,
            post=user.post,
        )
    unit_id = _unit(unit_code).pk if unit_code else None
    row = accounts.grant(
        user_id=user.pk, role_code=role, actor=actor, at=at, valid_from=at.date(), unit_id=unit_id
    )
    return f"已授予 {user.username} 角色“{row.role.name}”，自 {row.valid_from} 起。"


def set_password(*, username: str, password: str) -> str:
    """This will set a password that must be changed at the next log-in; open sessions end."""
    user = _user(username)
    accounts.reset_password(user_id=user.pk, new=password, actor=system_actor(), at=clock.business_now())
    return f"已重置 {user.username} 的口令，下次登录须修改。"


def unlock(*, username: str) -> str:
    """This will end a lock-out."""
    user = _user(username)
    accounts.unlock(user_id=user.pk, actor=system_actor(), at=clock.business_now())
    return f"已解锁 {user.username}。"


def _user(username: str) -> User:
    user = User.objects.filter(username__iexact=username, is_system=False).first()
    if user is None:
        raise BadInput(f"没有用户 {username}。", code="orgs.unknown_user")
    return user


def _unit(code: str) -> Unit:
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise BadInput(f"没有代码为 {code} 的单位。", code="orgs.unknown_unit")
    return unit
