"""PostgreSQL's client programs (psql, pg_dump, pg_restore, pgbench) from the wheel, connected to our database."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from fisc.base.errors import Refusal
from fisc.project import database, embedded, paths


class ClientToolFailed(Refusal):
    """数据库工具 {name} 执行失败：{reason}"""

    code = "project.client_tool_failed"


def command(name: str, *, admin: bool = False, dbname: str | None = None) -> tuple[str, dict[str, str]]:
    """Return the program and the environment that connects it: to our database, or to another of the same server."""
    place = database.settings_for_django(os.environ)
    values: dict[str, Any] = {
        "PGHOST": place["HOST"],
        "PGPORT": place["PORT"],
        "PGUSER": place["USER"],
        "PGPASSWORD": place["PASSWORD"],
        "PGDATABASE": dbname or place["NAME"],
        "PGSSLMODE": place["OPTIONS"].get("sslmode", ""),
        "PGSSLROOTCERT": place["OPTIONS"].get("sslrootcert", ""),
        "PGCLIENTENCODING": "UTF8",
    }
    if admin and not os.environ.get("DATABASE_URL"):
        values |= {"PGUSER": embedded.ADMIN, "PGPASSWORD": paths.load_secrets()["database_admin_password"]}
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return str(_program(name)), inherited | {key: value for key, value in values.items() if value}


def _program(name: str) -> Path:
    """Return the wheel's program; an operator's own (for a newer server) is named by FISC_PG_BIN."""
    if directory := os.environ.get("FISC_PG_BIN"):
        found = shutil.which(name, path=directory)
        if not found:
            raise ClientToolFailed(name=name, reason=f"FISC_PG_BIN（{directory}）中没有这个程序。")
        return Path(found)
    return embedded.program(name)


def run(name: str, *arguments: str, dbname: str | None = None) -> str:
    """Run a client program to its end and return what it printed.

    :raises ClientToolFailed: with the last line of its complaint.
    """
    path, environment = command(name, dbname=dbname)
    result = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        complaint = [line for line in result.stderr.strip().splitlines() if line]
        raise ClientToolFailed(name=name, reason=complaint[0] if complaint else f"返回码 {result.returncode}")
    return result.stdout
