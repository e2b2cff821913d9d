"""Django's entry to the kernel package ``orgs``."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrgsConfig(AppConfig):
    """People, units and rights."""

    name = "fisc.kernel.orgs"
    label = "orgs"
    verbose_name = "机构与人员"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """This will see to it that every migrated database has the system account and the standing roles."""
        post_migrate.connect(
            install_standing_rows, sender=self, dispatch_uid="fisc.kernel.orgs.standing_rows"
        )


def install_standing_rows(*, using: str, **_: object) -> None:
    """This will write the rows without which nobody can act: the system account, the roles, the policy."""
    from fisc.kernel.orgs.standing import install

    install(using=using)
