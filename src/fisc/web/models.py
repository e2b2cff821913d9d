"""The one table of the pages: filters of a list that somebody keeps under a name (我的方案)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """A list's address under a name, one person's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField("单据种类", max_length=60)
    name = models.CharField("名称", max_length=30)
    query = models.CharField("筛选条件", max_length=800, blank=True)

    class Meta:
        db_table = "web_saved_view"
        ordering = ("kind", "name")
        verbose_name = verbose_name_plural = "查询方案"
        constraints = [
            models.UniqueConstraint(fields=("user", "kind", "name"), name="web_saved_view_name_unique"),
            models.CheckConstraint(name="web_saved_view_name_given", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
