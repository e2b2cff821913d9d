"""Django's entry to the kernel package ``codes``."""

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class CodesConfig(AppConfig):
    """The official code lists by fiscal year."""

    name = "fisc.kernel.codes"
    label = "codes"
    verbose_name = "代码"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """This will see to it that a fresh database holds the official lists: nothing can be booked without them."""
        post_migrate.connect(load_when_empty, sender=self, dispatch_uid="fisc.kernel.codes.load_when_empty")


def load_when_empty(*, using: str, **_: object) -> None:
    """This will load the official lists into a database that has none; later editions are loaded on purpose."""
    from fisc.kernel.codes.importer import load_official
    from fisc.kernel.codes.models import Code

    if using != "default" or Code._meta.db_table not in connections[using].introspection.table_names():
        return
    if Code.objects.exists():
        return
    report = load_official()
    if not report.is_clean:
        faults = "\n".join(str(problem) for table in report.tables for problem in table.problems)
        raise ValueError(f"官方代码表有误，未装载：\n{faults}")
