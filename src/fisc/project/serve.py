"""`fisc up`: web server, worker and database as one thing that starts and stops together."""

import signal
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from fisc.base.errors import Refusal
from fisc.project import embedded, schema

WORKER_STOP_SECONDS = 20


class PortTaken(Refusal):
    """{host}:{port} 已被其他程序占用，请用 --port 换一个端口。"""

    code = "project.port_taken"


def run(
    *, host: str, port: int, threads: int, with_worker: bool, stop_database: bool, say: Callable[[str], None]
) -> None:
    """This function will upgrade the database, serve pages until a signal comes, and stop what it started.

    :raises PortTaken: if another program listens there.
    """
    signal.signal(signal.SIGTERM, _leave)
    worker: subprocess.Popen[bytes] | None = None
    try:
        applied = schema.upgrade()
        if applied:
            say(f"数据库结构已升级 {len(applied)} 步。")
        server = _open_server(host=host, port=port, threads=threads)
        if with_worker:
            worker = subprocess.Popen([sys.executable, "-m", "fisc", "worker"], start_new_session=True)
        for line in _welcome(host, port):
            say(line)
        server.run()  # returns on SystemExit and KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    finally:
        _stop_worker(worker)
        if stop_database:
            embedded.stop()
        say("已停止。")


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _open_server(*, host: str, port: int, threads: int):
    from waitress import create_server

    get_resolver().url_patterns  # noqa: B018 - all pages are imported now: what is broken fails here, not on a visit
    try:
        return create_server(
            get_wsgi_application(), host=host, port=port, threads=threads, ident=None, channel_timeout=120
        )
    except OSError as error:
        raise PortTaken(host=host, port=port) from error


def _stop_worker(worker: subprocess.Popen[bytes] | None) -> None:
    if worker is None:
        return
    worker.send_signal(signal.SIGTERM)
    try:
        worker.wait(WORKER_STOP_SECONDS)
    except subprocess.TimeoutExpired:  # its job is taken up again after the next start
        worker.kill()
        worker.wait()


def _welcome(host: str, port: int) -> list[str]:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return ["", f"Fisc 财政一本账已启动：http://{shown}:{port}/  （按 Ctrl+C 停止）", *demo_logins(), ""]


def demo_logins() -> list[str]:
    """Return the demo district's log-ins; nothing if this is another database or the first of them was changed."""
    from fisc.kernel.orgs.models import User
    from fisc.project.demo.people import PASSWORD, PEOPLE

    first = User.objects.filter(username=PEOPLE[0].username).first()
    if first is None or not first.check_password(PASSWORD):
        return []
    people = [person for person in PEOPLE if person.for_visitors]
    return [
        f"演示账号（口令都是 {PASSWORD}）：",
        *(f"  {person.username:<16}{person.name}　{person.post}" for person in people),
    ]
