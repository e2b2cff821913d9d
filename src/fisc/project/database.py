"""Which database Fisc works on: DATABASE_URL, or else the embedded PostgreSQL."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fisc.project import embedded, paths

MINIMUM_SERVER_VERSION = 160000


def settings_for_django(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return Django's description of the database; nothing is started by this."""
    if url := environment.get("DATABASE_URL"):
        place = parse_url(url)
    else:
        place = {
            "NAME": embedded.DATABASE,
            "USER": embedded.ROLE,
            "PASSWORD": paths.load_secrets()["database_password"],
            "HOST": str(embedded.socket_dir()),
            "PORT": str(embedded.PORT),
            "OPTIONS": {},
        }
    suffix = environment.get("FISC_TEST_SUFFIX", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        **place,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_fisc_{suffix}" if suffix else "test_fisc"},
    }


def parse_url(url: str) -> dict[str, Any]:
    """Return the parts of `postgresql://user:password@host:port/name?option=value`.

    A socket directory is given as the option `host`.

    :raises ValueError: if the scheme is not PostgreSQL's or the name of the database is missing.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or len(parts.path) < 2:
        raise ValueError("DATABASE_URL 应写作 postgresql://用户:密码@主机:端口/库名。")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def ensure_started(environment: Mapping[str, str]) -> bool:
    """Start the embedded server unless DATABASE_URL names another; True if this call started it."""
    return False if environment.get("DATABASE_URL") else embedded.start()
