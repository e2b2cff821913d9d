"""The doors of the three administrators: accounts, grants, roles, limits. Every act leaves an audit row.

三员分立: the system administrator makes accounts but grants nothing, the security administrator grants but makes no
accounts, the audit administrator reads. Nobody acts on himself, except that he changes his own password.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from fisc.base.errors import BadInput, Conflict, NotAllowed, Refusal
from fisc.base.text import clean
from fisc.kernel.orgs import audit
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Grant, Policy, Role, Section, User
from fisc.kernel.orgs.passwords import check_password_rules


class AdministratorsExclude(Refusal):
    """{name}已有“{held}”类角色，不能再授予“{wanted}”类角色：系统、安全、审计三员互斥，且都不能兼任业务岗位。"""

    code = "orgs.administrators_exclude"


class GrantToOneself(Refusal):
    """不能给自己授权或改动自己的账户，请由另一位管理员办理。"""

    code = "orgs.grant_to_oneself"


@dataclass(frozen=True)
class AccountDraft:
    """A new account; ``password`` None makes one that cannot log in until a password is set."""

    username: str
    name: str
    unit_id: int | None = None
    section_code: str | None = None
    phone: str = ""
    post: str = ""
    password: str | None = None
    must_change_password: bool = True


def create_user(*, draft: AccountDraft, actor: Actor, at: datetime) -> User:
    """This will open an account without any right. :raises NotAllowed, BadInput, WeakPassword, Conflict:"""
    return create_users(drafts=[draft], actor=actor, at=at)[0]


def create_users(*, drafts: Sequence[AccountDraft], actor: Actor, at: datetime) -> list[User]:
    """This will open many accounts at once, all or none."""
    _require(actor, "orgs.users.edit", "开立账户")
    users = [_new_user(draft, at) for draft in drafts]
    with transaction.atomic(), _constraints_as_refusals():
        made = User.objects.bulk_create(users)
        for user in made:
            detail = {"username": user.username, "name": user.name, "unit_id": user.unit_id}
            audit.record(
                actor=actor,
                at=at,
                action="orgs.user.create",
                object_kind="orgs.user",
                object_id=user.pk,
                detail=detail,
            )
    return made


def _new_user(draft: AccountDraft, at: datetime) -> User:
    username, name = clean(draft.username), clean(draft.name)
    if not username or not name:
        raise BadInput("登录名和姓名都不能为空。", code="orgs.user_name_empty")
    user = User(
        username=username,
        name=name,
        unit_id=draft.unit_id,
        section=_section(draft.section_code),
        phone=draft.phone,
        post=draft.post,
        created_at=at,
        must_change_password=draft.must_change_password,
    )
    if draft.password is None:
        user.password = make_password(None)
    else:
        check_password_rules(draft.password, user=user)
        user.password = make_password(draft.password)
        user.password_changed_at = at
    return user


def edit_user(
    *,
    user_id: int,
    actor: Actor,
    at: datetime,
    name: str,
    unit_id: int | None,
    section_code: str | None,
    phone: str = "",
    post: str = "",
) -> User:
    """This will change who the person is and where he sits."""
    _require(actor, "orgs.users.edit", "维护账户")
    with transaction.atomic():
        user = _locked(user_id)
        before = {"name": user.name, "unit_id": user.unit_id, "section": user.section and user.section.code}
        user.name, user.unit_id, user.section = clean(name), unit_id, _section(section_code)
        user.phone, user.post = phone, post
        with _constraints_as_refusals():
            user.save(update_fields=["name", "unit", "section", "phone", "post"])
        after = {"name": user.name, "unit_id": unit_id, "section": section_code}
        _record_user(actor, at, "orgs.user.edit", user, {"before": before, "after": after})
    return user


def set_active(*, user_id: int, is_active: bool, actor: Actor, at: datetime) -> User:
    """This will close or reopen an account; closing ends its sessions at once."""
    _require(actor, "orgs.users.edit", "停用或启用账户")
    if user_id == actor.user_id:
        raise GrantToOneself
    with transaction.atomic():
        user = _locked(user_id)
        user.is_active = is_active
        user.session_version += 1
        user.save(update_fields=["is_active", "session_version"])
        _record_user(actor, at, "orgs.user.enable" if is_active else "orgs.user.disable", user, {})
    return user


def unlock(*, user_id: int, actor: Actor, at: datetime) -> User:
    """This will end a lock-out before its time."""
    _require(actor, "orgs.users.edit", "解锁账户")
    with transaction.atomic():
        user = _locked(user_id)
        user.failed_logins, user.locked_until = 0, None
        user.save(update_fields=["failed_logins", "locked_until"])
        _record_user(actor, at, "orgs.user.unlock", user, {})
    return user


def change_own_password(*, user: User, old: str, new: str, at: datetime, actor: Actor) -> User:
    """This will change one's own password and end all sessions. :raises BadInput, WeakPassword:"""
    if user.pk != actor.user_id:
        raise NotAllowed("只能修改自己的密码。")
    if not user.check_password(old):
        raise BadInput("原密码不正确。", code="orgs.wrong_password")
    return _set_password(user, new, actor, at, must_change=False, action="orgs.user.change_password")


def reset_password(*, user_id: int, new: str, actor: Actor, at: datetime) -> User:
    """This will give somebody a new password that he must change at his next log-in."""
    _require(actor, "orgs.users.edit", "重置密码")
    if user_id == actor.user_id:
        raise GrantToOneself
    return _set_password(
        User.objects.get(pk=user_id), new, actor, at, must_change=True, action="orgs.user.reset_password"
    )


def _set_password(
    user: User, new: str, actor: Actor, at: datetime, *, must_change: bool, action: str
) -> User:
    with transaction.atomic():
        locked = _locked(user.pk)
        check_password_rules(new, user=locked)
        locked.password = make_password(new)
        locked.password_changed_at = at
        locked.must_change_password = must_change
        locked.session_version += 1
        locked.failed_logins, locked.locked_until = 0, None
        locked.save(
            update_fields=[
                "password", "password_changed_at", "must_change_password", "session_version",
                "failed_logins", "locked_until",
            ]
        )  # fmt: skip
        _record_user(actor, at, action, locked, {})
    return locked


def end_sessions(*, user_id: int, actor: Actor, at: datetime) -> None:
    """This will log somebody out everywhere; everybody may do it to himself."""
    if user_id != actor.user_id:
        _require(actor, "orgs.users.edit", "注销他人会话")
    with transaction.atomic():
        user = _locked(user_id)
        user.session_version += 1
        user.save(update_fields=["session_version"])
        _record_user(actor, at, "orgs.user.end_sessions", user, {})


def grant(
    *,
    user_id: int,
    role_code: str,
    actor: Actor,
    at: datetime,
    valid_from: date,
    valid_to: date | None = None,
    unit_id: int | None = None,
) -> Grant:
    """This will give a role to a person for a time.

    :raises NotAllowed: without orgs.grants.edit. :raises GrantToOneself: nobody grants to himself.
    :raises AdministratorsExclude: 三员 exclude each other and business. :raises Conflict: he holds it already.
    """
    _require(actor, "orgs.grants.edit", "授权")
    if user_id == actor.user_id:
        raise GrantToOneself
    with transaction.atomic():
        user = _locked(user_id)
        role = Role.objects.get(code=role_code)
        _refuse_mixed_groups(user, role, valid_from, valid_to)
        with _constraints_as_refusals(user=user, role=role):
            row = Grant.objects.create(
                user=user,
                role=role,
                group=role.group,
                unit_id=unit_id,
                valid_from=valid_from,
                valid_to=valid_to,
                granted_by_id=actor.user_id,
                granted_at=at,
            )
        detail = {"user": user.username, "role": role.code, "unit_id": unit_id, "from": str(valid_from)}
        audit.record(
            actor=actor,
            at=at,
            action="orgs.grant.give",
            object_kind="orgs.grant",
            object_id=row.pk,
            detail=detail,
        )
    return row


def _refuse_mixed_groups(user: User, role: Role, valid_from: date, valid_to: date | None) -> None:
    """For courtesy: the sentence with the names in it; the exclusion constraint is what holds."""
    for held in user.grants.exclude(group=role.group).select_related("role"):
        ends_before = held.valid_to is not None and held.valid_to < valid_from
        begins_after = valid_to is not None and held.valid_from > valid_to
        if not (ends_before or begins_after):
            wanted, group = Role.Group(role.group).label, Role.Group(held.group).label
            raise AdministratorsExclude(name=user.name, held=group, wanted=wanted)


def withdraw_grant(*, grant_id: int, last_day: date, actor: Actor, at: datetime) -> Grant:
    """This will end a grant with a day (inclusive). :raises NotAllowed, GrantToOneself, BadInput:"""
    _require(actor, "orgs.grants.edit", "收回授权")
    with transaction.atomic():
        row = Grant.objects.select_for_update().select_related("user", "role").get(pk=grant_id)
        if row.user_id == actor.user_id:
            raise GrantToOneself
        if last_day < row.valid_from:
            last_day = row.valid_from
        if row.valid_to is not None and row.valid_to < last_day:
            raise BadInput("这项授权在此之前已经终止。", code="orgs.grant_over")
        row.valid_to = last_day
        row.save(update_fields=["valid_to"])
        detail = {"user": row.user.username, "role": row.role.code, "to": str(last_day)}
        audit.record(
            actor=actor,
            at=at,
            action="orgs.grant.withdraw",
            object_kind="orgs.grant",
            object_id=row.pk,
            detail=detail,
        )
    return row


def edit_role(
    *, code: str, name: str, permissions: Sequence[str], sees_all_units: bool, actor: Actor, at: datetime
) -> Role:
    """This will change what a role may do. :raises NotAllowed: an administrator's role takes no business rights."""
    _require(actor, "orgs.roles.edit", "维护角色")
    patterns = sorted({pattern.strip() for pattern in permissions if pattern.strip()})
    with transaction.atomic():
        role, made = Role.objects.select_for_update().get_or_create(code=code, defaults={"name": name})
        if role.code in actor.roles:
            raise GrantToOneself
        _refuse_crossing(role, patterns)
        before = role.permissions
        role.name, role.permissions, role.sees_all_units = clean(name), patterns, sees_all_units
        role.save(update_fields=["name", "permissions", "sees_all_units"])
        detail = {
            "role": code,
            "added": sorted(set(patterns) - set(before)),
            "taken": sorted(set(before) - set(patterns)),
        }
        action = "orgs.role.create" if made else "orgs.role.edit"
        audit.record(
            actor=actor, at=at, action=action, object_kind="orgs.role", object_id=role.pk, detail=detail
        )
    return role


_ADMINISTRATION = ("orgs.", "events.audit", "system.", "jobs.")


def _refuse_crossing(role: Role, patterns: Sequence[str]) -> None:
    administrative = [
        p for p in patterns if (p.startswith(_ADMINISTRATION) and p != "orgs.view") or p[0] == "*"
    ]
    business = [p for p in patterns if not p.startswith((*_ADMINISTRATION, "ledger.verify"))]
    if role.group == Role.Group.BUSINESS and administrative:
        crossing = [p for p in administrative if p not in ("*.approve", "*.send_back")]
        if crossing:
            raise NotAllowed(f"业务角色不能带管理权限：{'、'.join(crossing)}。")
    elif role.group != Role.Group.BUSINESS and business:
        raise NotAllowed(f"三员角色不能带业务权限：{'、'.join(business)}。")


def edit_policy(*, values: dict[str, int], actor: Actor, at: datetime) -> Policy:
    """This will change the log-in limits. :raises NotAllowed, BadInput:"""
    _require(actor, "orgs.policy.edit", "修改登录安全参数")
    known = {field.name for field in Policy._meta.fields} - {"id"}
    if unknown := set(values) - known:
        raise BadInput(f"没有这些参数：{'、'.join(sorted(unknown))}。", code="orgs.policy")
    with transaction.atomic():
        row, _ = Policy.objects.select_for_update().get_or_create(id=1)
        for key, value in values.items():
            setattr(row, key, value)
        with _constraints_as_refusals():
            row.save()
        audit.record(
            actor=actor,
            at=at,
            action="orgs.policy.edit",
            object_kind="orgs.policy",
            object_id=1,
            detail=values,
        )
    return row


def _require(actor: Actor, permission: str, what: str) -> None:
    if not actor.can(permission):
        raise NotAllowed(f"您没有“{what}”的权限（{permission}）。")


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_system:
        raise NotAllowed("系统账户不能改动。")
    return user


def _section(code: str | None) -> Section | None:
    return Section.objects.get(code=code) if code else None


def _record_user(actor: Actor, at: datetime, action: str, user: User, detail: dict[str, object]) -> None:
    detail = {"username": user.username, **detail}
    audit.record(actor=actor, at=at, action=action, object_kind="orgs.user", object_id=user.pk, detail=detail)


@contextmanager
def _constraints_as_refusals(*, user: User | None = None, role: Role | None = None) -> Iterator[None]:
    """The database's named refusals, said in Chinese."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name == "orgs_grant_administrators_exclude":
            raise AdministratorsExclude(name=user, held="其他", wanted=role) from error
        if name == "orgs_grant_not_to_oneself":
            raise GrantToOneself from error
        messages = {
            "orgs_user_username_unique": "这个登录名已有人使用。",
            "orgs_user_name_given": "姓名不能为空。",
            "orgs_grant_once": "此人在这段时间已有这个角色。",
            "orgs_grant_ends_after_start": "终止日期不能早于起始日期。",
            "orgs_policy_attempts_sane": "连续错误次数应在1到20之间。",
            "orgs_policy_length_sane": "密码最短位数应在8到64之间。",
        }
        if name in messages:
            raise Conflict(messages[name], code=f"orgs.{name}") from error
        raise
