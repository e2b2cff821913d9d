"""The structure of the database: is it current, upgrade it, start afresh."""

import os
import shutil

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from fisc.base.errors import Refusal, Way
from fisc.project import database, embedded


class SchemaOutdated(Refusal):
    """数据库结构不是最新（缺 {count} 步，第一步 {first}），请先运行 fisc migrate。"""

    code = "project.schema_outdated"


class ServerTooOld(Refusal):
    """数据库版本过低（{version}），需要 PostgreSQL 16 或以上。"""

    code = "project.server_too_old"


class ResetNeedsConsent(Refusal):
    """DATABASE_URL 指定的数据库 {name} 不是内置数据库，清空会删除其中全部数据。确要清空请加 --yes。"""

    code = "project.reset_needs_consent"


def missing_migrations() -> list[str]:
    """Return the migrations that are not applied, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def require_current() -> None:
    """:raises SchemaOutdated: if migrations are missing.
    :raises ServerTooOld: if the server is older than PostgreSQL 16.
    """
    require_version()
    missing = missing_migrations()
    if missing:
        raise SchemaOutdated(
            count=len(missing), first=missing[0], ways=[Way("升级：fisc migrate", "cli:migrate")]
        )


def require_version() -> None:
    """:raises ServerTooOld: if the server is older than PostgreSQL 16."""
    connection.ensure_connection()
    version = connection.connection.info.server_version
    if version < database.MINIMUM_SERVER_VERSION:
        raise ServerTooOld(version=version // 10_000)


def upgrade() -> list[str]:
    """Apply the missing migrations and return them; what must follow each upgrade happens in post_migrate."""
    require_version()
    missing = missing_migrations()
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    return missing


def reset(*, consent: bool) -> None:
    """Delete all data, files included, and leave an empty database.

    :raises ResetNeedsConsent: if the database is not the embedded one and consent was not given.
    """
    if os.environ.get("DATABASE_URL"):
        name = str(connection.settings_dict["NAME"])
        if not consent:
            raise ResetNeedsConsent(name=name)
        empty_schema()
    else:
        connection.close()
        _recreate_embedded()
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def empty_schema() -> None:
    """Drop everything in the schema of the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = sql.Identifier(cursor.fetchone()[0])
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
    connection.close()


def _recreate_embedded() -> None:
    name, owner = sql.Identifier(embedded.DATABASE), sql.Identifier(embedded.ROLE)
    with embedded.admin_connection() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
