"""A whole installation in a directory of its own: start, migrate, back up, restore, stale pid file, stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow


SOMETHING_HAPPENED = """
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.clock import business_now
record_many([AuditRow(at=business_now(), actor_id=None, actor_name="试", action="test", object_kind="probe")])
""".replace("\n", "; ").strip("; ")


class Installation:
    """The command `fisc` working on its own var directory."""

    def __init__(self, var: Path) -> None:
        self.var = var
        hidden = ("DATABASE_URL", "PYTEST", "FISC_")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)} | {
            "FISC_VAR": str(var)
        }

    def fisc(self, *words: object, code: int = 0) -> str:
        result = subprocess.run(
            [sys.executable, "-m", "fisc", *map(str, words)], env=self.environment, capture_output=True, text=True,
            timeout=180, check=False,
        )  # fmt: skip
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout + result.stderr

    def python(self, code: str) -> None:
        """Run code inside Django, as a program of ours would."""
        subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {code}"], check=True, timeout=60,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "fisc.project.settings"},
        )  # fmt: skip

    def sql(self, statement: str) -> str:
        return self.fisc("db", "psql", "-X", "-A", "-t", "-c", statement).strip()

    @property
    def pid(self) -> int | None:
        try:
            return int((self.var / "pg" / "data" / "postmaster.pid").read_text().split()[0])
        except FileNotFoundError:
            return None


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("installed"))
    installation.fisc("db", "start")
    installation.fisc("migrate")
    yield installation
    installation.fisc("db", "remove", "--yes")


@pytest.fixture
def empty(tmp_path):
    installation = Installation(tmp_path / "var")
    yield installation
    installation.fisc("db", "remove", "--yes")


def test_start_twice_is_one_server(installed):
    before = installed.pid

    assert "已在运行" in installed.fisc("db", "start")
    assert installed.pid == before


def test_the_program_is_no_superuser_and_nothing_listens_on_the_network(installed):
    assert installed.sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "f"
    assert installed.sql("SHOW listen_addresses") == ""
    assert installed.sql("SHOW fsync") == installed.sql("SHOW synchronous_commit") == "on"


def test_secrets_are_private(installed):
    assert (installed.var / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_migrate_is_idempotent(installed):
    assert "已是最新" in installed.fisc("migrate")


def test_commands_refuse_an_outdated_database(empty):
    text = empty.fisc("check", code=1)

    assert "project.schema_outdated" in text and "fisc migrate" in text and "Traceback" not in text


class TestBackupAndRestore:
    def test_there_and_back(self, installed, empty, tmp_path):
        (installed.var / "media" / "2023").mkdir(parents=True, exist_ok=True)
        (installed.var / "media" / "2023" / "附件.txt").write_text("凭证", encoding="utf-8")
        installed.sql("CREATE TABLE IF NOT EXISTS probe AS SELECT g AS id FROM generate_series(1, 1000) AS g")
        file = tmp_path / "there.tar"
        installed.python(SOMETHING_HAPPENED)

        installed.fisc("backup", file)
        text = empty.fisc("restore", file)

        assert "行数与备份时一致" in text and file.stat().st_mode & 0o777 == 0o600
        assert empty.sql("SELECT sum(id) FROM probe") == "500500"
        assert (empty.var / "media" / "2023" / "附件.txt").read_text(encoding="utf-8") == "凭证"
        assert "已是最新" in empty.fisc("migrate")
        assert (empty.var / "seals.log").read_bytes() == (installed.var / "seals.log").read_bytes()
        assert "账目完整无误" in empty.fisc("verify")

    def test_restore_never_overwrites(self, installed, tmp_path):
        file = tmp_path / "again.tar"
        installed.fisc("backup", file)

        text = installed.fisc("restore", file, code=1)

        assert "backup.database_not_empty" in text
        assert "backup.file_exists" in installed.fisc("backup", file, code=1)

    def test_a_corrupted_archive_leaves_the_database_empty(self, installed, empty, tmp_path):
        file = tmp_path / "bad.tar"
        installed.fisc("backup", file)
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)

        assert "没有恢复任何内容" in empty.fisc("restore", file, code=1)
        assert empty.sql("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") == "0"


class TestServerThatDied:
    def test_a_stale_pid_file_of_a_living_stranger(self, empty):
        """After a crash and a reboot, the old number may belong to any other program."""
        empty.fisc("db", "start")
        file = empty.var / "pg" / "data" / "postmaster.pid"
        content = file.read_text()
        empty.fisc("db", "stop")
        file.write_text(content.replace(content.split("\n", 1)[0], str(os.getpid()), 1))

        assert "已启动" in empty.fisc("db", "start")
        assert empty.sql("SELECT 1") == "1"

    def test_killed(self, empty):
        empty.fisc("db", "start")
        server = psutil.Process(empty.pid)
        children = server.children()
        server.send_signal(signal.SIGKILL)
        psutil.wait_procs([server, *children], timeout=10)

        assert "已启动" in empty.fisc("db", "start")
        assert empty.sql("SELECT 1") == "1"


def test_one_command_leaves_nothing_running(empty):
    """A command that had to start the database stops it again."""
    empty.fisc("django", "showmigrations", "jobs")

    assert empty.pid is None


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_up_serves_and_stops_all_it_started(empty, ending, unused_port):
    installation = empty
    process = subprocess.Popen(
        [sys.executable, "-m", "fisc", "up", "--port", str(unused_port)], env=installation.environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert wait_for_answer(f"http://127.0.0.1:{unused_port}/healthz", process) == '{"status": "ok"}'
        descendants = psutil.Process(process.pid).children(recursive=True)
        assert descendants, "the worker should run"
    finally:
        process.send_signal(ending)
        output = process.communicate(timeout=60)[0]

    assert process.returncode == 0 and "已停止" in output, output
    assert installation.pid is None
    assert not psutil.wait_procs(descendants, timeout=5)[1]


def wait_for_answer(url: str, process: subprocess.Popen[str]) -> str:
    from urllib.error import URLError
    from urllib.request import urlopen

    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    raise AssertionError(f"no answer; exit code {process.poll()}")


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
