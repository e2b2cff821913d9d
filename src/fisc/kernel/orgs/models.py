"""The tables of people and units. What must never be false here is a constraint in the database.

Separation of the three administrators (三员): 网络安全等级保护 GB/T 22239-2019, 8.1.5 安全管理中心.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

SYSTEM_USERNAME = "system"


class Region(models.Model):
    """One 行政区划 this installation works for: the district itself and its towns."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        DISTRICT = "district", "县区级"
        TOWN = "town", "乡镇街道"

    code = models.CharField("区划代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.CharField("级别", max_length=10, choices=Level.choices, default=Level.DISTRICT)

    class Meta:
        db_table = "orgs_region"
        ordering = ("code",)
        verbose_name = verbose_name_plural = "区划"
        constraints = [
            models.CheckConstraint(name="orgs_region_name_given", condition=~Q(name="")),
            models.CheckConstraint(name="orgs_region_not_own_parent", condition=~Q(parent=F("id"))),
        ]

    def __str__(self) -> str:
        return self.name


class Section(models.Model):
    """A section of the finance bureau (股室); units belong to one of them (归口股室)."""

    code = models.CharField("编码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        db_table = "orgs_section"
        ordering = ("code",)
        verbose_name = verbose_name_plural = "股室"
        constraints = [models.CheckConstraint(name="orgs_section_name_given", condition=~Q(name=""))]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A budget unit (预算单位): a tree under the department in charge (主管部门)."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", "财政局"
        DEPARTMENT = "department", "主管部门"
        UNIT = "unit", "预算单位"
        TOWN = "town", "乡镇街道"

    class UnitKind(models.TextChoices):
        ADMINISTRATIVE = "administrative", "行政（含参公）"
        INSTITUTION = "institution", "事业"

    code = models.CharField("单位编码", max_length=20, unique=True)
    name = models.CharField("单位名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    unit_kind = models.CharField(
        "单位性质", max_length=16, choices=UnitKind.choices, default=UnitKind.ADMINISTRATIVE
    )
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="units")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="units")
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        db_table = "orgs_unit"
        ordering = ("code",)
        verbose_name = verbose_name_plural = "单位"
        constraints = [
            models.CheckConstraint(name="orgs_unit_name_given", condition=~Q(name="")),
            models.CheckConstraint(
                name="orgs_unit_kind_known", condition=Q(kind__in=("bureau", "department", "unit", "town"))
            ),
            models.CheckConstraint(
                name="orgs_unit_unit_kind_known", condition=Q(unit_kind__in=("administrative", "institution"))
            ),
            models.CheckConstraint(name="orgs_unit_not_own_parent", condition=~Q(parent=F("id"))),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class UserManager(BaseUserManager["User"]):
    """Accounts by their log-in name; the doors that write accounts are in ``accounts.py``."""

    def get_by_natural_key(self, username: str | None) -> User:
        """This will find the account by its log-in name, whatever the case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """One person's account. Rights come from grants only; there is no superuser."""

    username = models.CharField("登录名", max_length=60)
    name = models.CharField("姓名", max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="users")
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="users")
    phone = models.CharField("电话", max_length=30, blank=True)
    post = models.CharField("职务", max_length=40, blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_system = models.BooleanField("系统账户", default=False, editable=False)
    created_at = models.DateTimeField("开户时间", default=timezone.now, editable=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True, editable=False)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    failed_logins = models.PositiveSmallIntegerField("连续失败次数", default=0, editable=False)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True, editable=False)
    session_version = models.PositiveIntegerField("会话版本", default=1, editable=False)
    totp_secret_sealed = models.TextField("动态口令密钥（密文）", blank=True, editable=False)
    totp_confirmed_at = models.DateTimeField("动态口令启用时间", null=True, blank=True, editable=False)
    totp_last_step = models.BigIntegerField("已用动态口令序号", null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "orgs_user"
        ordering = ("username",)
        verbose_name = verbose_name_plural = "用户"
        constraints = [
            models.UniqueConstraint(Func(F("username"), function="LOWER"), name="orgs_user_username_unique"),
            models.CheckConstraint(name="orgs_user_username_given", condition=~Q(username="")),
            models.CheckConstraint(name="orgs_user_name_given", condition=~Q(name="")),
            models.CheckConstraint(
                name="orgs_user_totp_confirmed_has_secret",
                condition=Q(totp_confirmed_at__isnull=True) | ~Q(totp_secret_sealed=""),
            ),
            models.UniqueConstraint(
                fields=("is_system",), condition=Q(is_system=True), name="orgs_user_one_system_account"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """This will bind a session to the password and the session version: changing either ends it."""
        return _session_hash(self, secret=None)

    def get_session_auth_fallback_hash(self) -> Any:
        """This will allow sessions signed with a retired SECRET_KEY, as Django does."""
        from django.conf import settings

        for secret in settings.SECRET_KEY_FALLBACKS:
            yield _session_hash(self, secret=secret)


def _session_hash(user: User, *, secret: str | bytes | None) -> str:
    value = f"{user.password}:{user.session_version}:{int(user.is_active)}"
    return salted_hmac("fisc.kernel.orgs.session", value, secret=secret, algorithm="sha256").hexdigest()


class Role(models.Model):
    """A post's rights: patterns such as ``treasury.payment.*`` (fnmatch)."""

    class Group(models.TextChoices):
        BUSINESS = "business", "业务"
        SYSTEM_ADMIN = "system_admin", "系统管理员"
        SECURITY_ADMIN = "security_admin", "安全管理员"
        AUDIT_ADMIN = "audit_admin", "审计管理员"

    code = models.CharField("编码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40)
    group = models.CharField("类别", max_length=16, choices=Group.choices, default=Group.BUSINESS)
    permissions = ArrayField(models.CharField(max_length=100), verbose_name="权限", default=list)
    sees_all_units = models.BooleanField("可见全部单位", default=False)
    is_standing = models.BooleanField("系统内置", default=False, editable=False)
    # What the program ever proposed for this role; a pattern that was taken away is not proposed again.
    offered = ArrayField(models.CharField(max_length=100), default=list, editable=False)

    class Meta:
        db_table = "orgs_role"
        ordering = ("id",)
        verbose_name = verbose_name_plural = "角色"
        constraints = [
            models.CheckConstraint(
                name="orgs_role_group_known",
                condition=Q(group__in=("business", "system_admin", "security_admin", "audit_admin")),
            ),
            # The grants carry the group of their role; this key lets a foreign key hold the two equal.
            models.UniqueConstraint(fields=("id", "group"), name="orgs_role_id_group_unique"),
        ]

    def __str__(self) -> str:
        return self.name


def _days() -> Func:
    return Func(F("valid_from"), F("valid_to"), models.Value("[]"), function="daterange")


class Grant(models.Model):
    """Somebody holds a role for a time; scope ``unit`` widens the view to that unit's tree (null = own unit).

    Withdrawing a grant ends it (``valid_to``, inclusive); it is never deleted.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants")
    group = models.CharField("类别", max_length=16, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="grants")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="grants_given")
    granted_at = models.DateTimeField("授权时间", default=timezone.now, editable=False)

    class Meta:
        db_table = "orgs_grant"
        ordering = ("id",)
        verbose_name = verbose_name_plural = "授权"
        constraints = [
            models.CheckConstraint(name="orgs_grant_not_to_oneself", condition=~Q(granted_by=F("user"))),
            models.CheckConstraint(
                name="orgs_grant_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            # 三员: on any one day all roles of a person are of one group.
            ExclusionConstraint(
                name="orgs_grant_administrators_exclude",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("group", RangeOperators.NOT_EQUAL),
                    (_days(), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="orgs_grant_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Func(F("unit"), models.Value(0), function="COALESCE"), RangeOperators.EQUAL),
                    (_days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.role_id}"


class Policy(models.Model):
    """The one row of log-in limits, so that they are data and not code."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    lockout_attempts = models.PositiveSmallIntegerField("连续错误几次锁定", default=5)
    lockout_minutes = models.PositiveSmallIntegerField("锁定分钟", default=15)
    password_min_length = models.PositiveSmallIntegerField("密码最短位数", default=10)
    password_max_days = models.PositiveSmallIntegerField("密码有效天数（0 为不限）", default=0)
    session_hours = models.PositiveSmallIntegerField("会话小时", default=10)

    class Meta:
        db_table = "orgs_policy"
        verbose_name = verbose_name_plural = "登录安全参数"
        constraints = [
            models.CheckConstraint(name="orgs_policy_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="orgs_policy_attempts_sane", condition=Q(lockout_attempts__range=(1, 20))
            ),
            models.CheckConstraint(
                name="orgs_policy_length_sane", condition=Q(password_min_length__range=(8, 64))
            ),
        ]


class Clock(models.Model):
    """The one row of the business date; empty means the real date (a demo stands on 2023-07-03)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    business_on = models.DateField("业务日期", null=True, blank=True)

    class Meta:
        db_table = "orgs_clock"
        verbose_name = verbose_name_plural = "业务日期"
        constraints = [models.CheckConstraint(name="orgs_clock_one_row", condition=Q(id=1))]
