"""Tokens (only their digests) and the counter that slows down guessing."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Token(models.Model):
    """A program's access with the rights of one person; ends with its date, a revocation or a new password."""

    user = models.ForeignKey("orgs.User", models.PROTECT, related_name="+")
    name = models.CharField("用途", max_length=60)
    digest = models.CharField("摘要", max_length=64, unique=True)
    beginning = models.CharField("开头", max_length=12)
    session_version = models.PositiveIntegerField("会话版本")
    created_at = models.DateTimeField("签发时间")
    created_from = models.GenericIPAddressField("签发地址", null=True)
    expires_at = models.DateTimeField("到期时间")
    last_used_at = models.DateTimeField("最近使用", null=True)
    revoked_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        db_table = "api_token"
        ordering = ("-id",)
        verbose_name = verbose_name_plural = "接口令牌"
        constraints = [
            models.CheckConstraint(
                name="api_token_digest_only", condition=Q(digest__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="api_token_expires_later", condition=Q(expires_at__gt=F("created_at"))
            ),
        ]


class LoginWindow(models.Model):
    """How often somebody asked for a token in one minute from one address."""

    source = models.CharField(max_length=64)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "api_login_window"
        constraints = [models.UniqueConstraint(fields=("source", "minute"), name="api_login_window_once")]
