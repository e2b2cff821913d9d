"""The app that puts the house together: tells the kernel which modules there are, brings their defaults in."""

from importlib import import_module

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from fisc.project.installed import MODULES


class ProjectConfig(AppConfig):
    """系统"""

    name = "fisc.project"
    label = "project"
    verbose_name = "系统"

    def ready(self) -> None:
        """Install the modules; their charts, rights, chains and rules follow after each upgrade."""
        from fisc.kernel import lean
        from fisc.kernel.modules import registry

        registry.install(import_module(f"{path}.module").MODULE for path in MODULES)
        connection_created.connect(lean.prepare_connection, dispatch_uid="fisc.kernel.lean")
        post_migrate.connect(bring_in_defaults, sender=self)


def bring_in_defaults(*, using: str, **_: object) -> None:
    """Install what the modules ship as data. This app is the last in the list, so all tables are there by now."""
    from fisc.kernel.modules import install
    from fisc.project import schema

    if using == "default" and not schema.missing_migrations():
        install.sync()
