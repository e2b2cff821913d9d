"""Where Fisc keeps its own data, and the secrets that it makes on its first run."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRET_NAMES = ("secret_key", "database_password", "database_admin_password")


def var_dir() -> Path:
    """Return the directory of all local data: FISC_VAR, else `var/` of the checkout, else of the user."""
    if chosen := os.environ.get("FISC_VAR"):
        return Path(chosen).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "var"
    return Path.home() / ".local" / "share" / "fisc"


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Hold a lock between processes on `var/<name>.lock`."""
    directory = var_dir()
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def load_secrets() -> dict[str, str]:
    """Return the secrets of this installation; the first call makes them (0600, never in the repository)."""
    path = var_dir() / "secrets.json"
    with exclusive("secrets"):
        stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [name for name in SECRET_NAMES if name not in stored]
        if missing:
            stored |= {name: secrets.token_urlsafe(48) for name in missing}
            draft = path.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(stored, indent=2))
            draft.replace(path)
    return stored
