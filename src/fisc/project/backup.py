"""Backup and restore: database and attachments as of one moment, in one file that proves itself.

The archive is a tar of `manifest.json` (versions, row counts of the same snapshot, SM3 digest of every other member),
`manifest.sm3`, `database.dump` (pg_dump, custom format), `seals.log` (the seals' copy outside the database) and `media/…`.
"""

import hashlib
import json
import os
import platform
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

import fisc
from fisc.base.errors import Refusal, Way
from fisc.base.progress import Progress, silent
from fisc.kernel.events.seals import adopt_cluster, default_log
from fisc.kernel.ledger.commands import seal_new_rows
from fisc.kernel.orgs.clock import business_now
from fisc.project import client_tools, paths, schema

FORMAT = 1
CHUNK = 1 << 20
STEPS = 4


class NotABackup(Refusal):
    """{path} 不是 Fisc 的备份文件，或者已经损坏（{reason}）。没有恢复任何内容。"""

    code = "backup.not_a_backup"


class BackupCorrupted(Refusal):
    """备份文件已损坏：{member} 的摘要与清单不一致。没有恢复任何内容。"""

    code = "backup.corrupted"


class DatabaseNotEmpty(Refusal):
    """目标数据库已有 {tables} 张表，恢复不会覆盖现有数据。"""

    code = "backup.database_not_empty"


class MediaNotEmpty(Refusal):
    """附件目录 {path} 里已有文件，恢复不会覆盖现有附件。"""

    code = "backup.media_not_empty"


class FileExists(Refusal):
    """文件 {path} 已存在，备份不会覆盖它。"""

    code = "backup.file_exists"


class RowsDiffer(Refusal):
    """恢复后的行数与备份时不一致：{table} 应有 {expected} 行，实有 {actual} 行。恢复已全部撤销。"""

    code = "backup.rows_differ"


@dataclass(frozen=True)
class Outcome:
    """What was written or read."""

    path: Path
    tables: int
    rows: int
    files: int


def default_path() -> Path:
    """Return `var/backup/fisc-<moment>.tar`."""
    moment = datetime.now(UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    return paths.var_dir() / "backup" / f"fisc-{moment}.tar"


def sm3(stream: IO[bytes]) -> str:
    """Return the SM3 digest (GB/T 32905) of what is left of a stream, in hexadecimal."""
    digest = hashlib.new("sm3")
    while block := stream.read(CHUNK):
        digest.update(block)
    return digest.hexdigest()


def write(*, path: Path, progress: Progress = silent) -> Outcome:
    """This function will write the database as of one moment, and the attachments, to a new file (0600).

    What was booked since the last seal is sealed first, so that `fisc verify` proves the whole of what is restored.

    :raises FileExists: if there is a file of that name.
    """
    if path.exists():
        raise FileExists(path=str(path))
    connection.ensure_connection()
    seal_new_rows(at=business_now())
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as scratch:
        dump = Path(scratch) / "database.dump"
        progress("备份", 0, STEPS)
        with _snapshot() as (snapshot, counts):
            client_tools.run(
                "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={dump}"
            )
        progress("备份", 1, STEPS)
        members = {"database.dump": dump, **_seal_log(), **_media_files()}
        manifest = _manifest(members, counts, server_version=connection.connection.info.server_version)
        progress("备份", 2, STEPS)
        draft = Path(scratch) / "archive.tar"
        _pack(draft, manifest, members)
        progress("备份", 3, STEPS)
        draft.chmod(0o600)
        _make_durable(draft)
        draft.rename(path)
        _make_durable(path.parent)
    progress("备份", STEPS, STEPS)
    return Outcome(path=path, tables=len(counts), rows=sum(counts.values()), files=_count_files(members))


def _count_files(names: Iterable[str]) -> int:
    return sum(name.startswith("media/") for name in names)


def _seal_log() -> dict[str, Path]:
    return {"seals.log": default_log()} if default_log().is_file() else {}


@contextmanager
def _snapshot() -> Iterator[tuple[str, dict[str, int]]]:
    """Hold a repeatable-read snapshot open; yield its name and the row count of every table in it."""
    with _connect() as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.read_only = True
        row = reader.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield row[0], _row_counts(reader)


def _connect() -> psycopg.Connection:
    """Open a connection of our own to the database of the settings."""
    parameters = connection.get_connection_params()
    parameters = {key: value for key, value in parameters.items() if key not in ("context", "cursor_factory")}
    return psycopg.connect(**parameters)


def _row_counts(reader: psycopg.Connection) -> dict[str, int]:
    tables = reader.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relkind = 'r' ORDER BY relname"
    ).fetchall()
    counts = {}
    for (table,) in tables:
        row = reader.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert row is not None
        counts[table] = row[0]
    return counts


def _media_files() -> dict[str, Path]:
    root = Path(settings.MEDIA_ROOT)
    found = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else []
    return {f"media/{path.relative_to(root).as_posix()}": path for path in found}


def _manifest(members: dict[str, Path], counts: dict[str, int], *, server_version: int) -> dict[str, Any]:
    digests = {}
    for name, source in members.items():
        with source.open("rb") as stream:
            digests[name] = sm3(stream)
    return {
        "format": FORMAT,
        "fisc": fisc.__version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "postgresql": server_version,
        "rows": counts,
        "sm3": digests,
    }


def _pack(archive: Path, manifest: dict[str, Any], members: dict[str, Path]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
    seal = hashlib.new("sm3", text).hexdigest().encode()
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch, tarfile.open(archive, "w") as tar:
        for name, content in (("manifest.json", text), ("manifest.sm3", seal)):
            (Path(scratch) / name).write_bytes(content)
            tar.add(Path(scratch) / name, arcname=name)
        for name, source in members.items():
            tar.add(source, arcname=name, recursive=False)


def _make_durable(path: Path) -> None:
    """Wait until the disk has it: a backup that a power cut can take away is none."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(path: Path) -> dict[str, Any]:
    """This function will return the manifest of an archive after proving every member.

    :raises NotABackup: if it is not an archive of ours, or cut off.
    :raises BackupCorrupted: if a member is missing, surplus or changed.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            text = _member(tar, "manifest.json").read()
            if hashlib.new("sm3", text).hexdigest() != _member(tar, "manifest.sm3").read().decode():
                raise BackupCorrupted(member="manifest.json")
            manifest: dict[str, Any] = json.loads(text)
            _prove_members(tar, manifest["sm3"])
    except (tarfile.TarError, KeyError, ValueError, EOFError, OSError) as error:
        raise NotABackup(path=path.name, reason=type(error).__name__) from error
    if manifest["format"] != FORMAT:
        raise NotABackup(path=path.name, reason=f"格式 {manifest['format']}")
    return manifest


def _prove_members(tar: tarfile.TarFile, digests: dict[str, str]) -> None:
    present = {member.name for member in tar.getmembers() if member.isfile()}
    for name in sorted((set(digests) | set(present)) - {"manifest.json", "manifest.sm3"}):
        if name not in present or name not in digests or sm3(_member(tar, name)) != digests[name]:
            raise BackupCorrupted(member=name)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = tar.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream


def restore(*, path: Path, progress: Progress = silent) -> Outcome:
    """This function will restore an archive into an empty database and an empty directory of attachments.

    The archive is proven before anything is written; the database is restored in one transaction.

    :raises NotABackup: see `read_manifest`.
    :raises BackupCorrupted: see `read_manifest`.
    :raises DatabaseNotEmpty: if there is any table.
    :raises MediaNotEmpty: if there is any attachment.
    :raises RowsDiffer: if afterwards a table has another number of rows than when the backup was made.
    """
    progress("恢复", 0, STEPS)
    manifest = read_manifest(path)
    progress("恢复", 1, STEPS)
    schema.require_version()
    _require_empty()
    media = Path(settings.MEDIA_ROOT)
    media.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=media.parent, prefix=".restore-") as scratch,
        tarfile.open(path, "r:") as tar,
    ):
        _unpack(tar, manifest["sm3"], Path(scratch))
        progress("恢复", 2, STEPS)
        dump = Path(scratch) / "database.dump"
        client_tools.run(
            "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner",
            f"--dbname={connection.settings_dict['NAME']}", str(dump),
        )  # fmt: skip
        _require_counts(manifest["rows"])
        progress("恢复", 3, STEPS)
        if (Path(scratch) / "media").is_dir():
            media.mkdir(exist_ok=True)
            media.rmdir()  # it is empty: _require_empty has seen to that
            (Path(scratch) / "media").rename(media)
        _restore_seal_log(Path(scratch) / "seals.log")
    connection.close()
    adopt_cluster()  # transaction numbers go on rising, as the seals need it
    progress("恢复", STEPS, STEPS)
    counts = manifest["rows"]
    return Outcome(
        path=path, tables=len(counts), rows=sum(counts.values()), files=_count_files(manifest["sm3"])
    )


def _unpack(tar: tarfile.TarFile, names: Iterable[str], target: Path) -> None:
    """Write the members that the manifest names below `target`, as plain files of our own (no links, no rights)."""
    for name in names:
        place = target / name
        if target.resolve() not in place.resolve().parents:
            raise NotABackup(path=str(tar.name), reason=name)
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            shutil.copyfileobj(_member(tar, name), file, CHUNK)


def _restore_seal_log(saved: Path) -> None:
    """Bring back the seals' copy, unless there is one here already: that one is the better witness."""
    if saved.is_file() and not default_log().exists():
        default_log().parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(saved, default_log())


def _require_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
        )
        tables = cursor.fetchone()[0]
    if tables:
        raise DatabaseNotEmpty(
            tables=tables, ways=[Way("另设一个空目录恢复：FISC_VAR=新目录 fisc restore 文件", "cli:restore")]
        )
    media = Path(settings.MEDIA_ROOT)
    if media.is_dir() and any(media.iterdir()):
        raise MediaNotEmpty(path=str(media))


def _require_counts(expected: dict[str, int]) -> None:
    with _connect() as reader:
        actual = _row_counts(reader)
    for table in sorted(set(expected) | set(actual)):
        if expected.get(table) != actual.get(table):
            schema.empty_schema()
            raise RowsDiffer(table=table, expected=expected.get(table), actual=actual.get(table))
