"""Seals: nothing that was sealed can be changed, removed or added unseen, not even by the database's superuser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from fisc.kernel.events import AuditRow, record_many, seals
from fisc.kernel.events.merkle import root_of
from fisc.kernel.events.seals import AUDIT, Seal, Violation, verify_seals
from fisc.project import embedded

AT = datetime(2023, 7, 3, 9, 0, tzinfo=UTC)


def act(*names: str) -> None:
    """Record one audit row per name."""
    record_many([AuditRow(at=AT, action=name, actor_id=7, detail={"甲": "乙"}) for name in names])


# All that this test has written. The real horizon also waits for whoever else writes in the same cluster.
OWN_HORIZON = "SELECT pg_current_xact_id()::text::bigint + xact_offset FROM events_origin"


def seal(log: Path) -> Seal | None:
    """Seal what was written so far."""
    return seals.seal([AUDIT], at=AT, log=log)


@pytest.fixture(autouse=True)
def _own_horizon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "HORIZON", OWN_HORIZON)


@pytest.fixture
def superuser(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """The superuser, with all triggers switched off; takes away again what the test has written."""
    if settings.DATABASES["default"]["USER"] != embedded.ROLE:
        pytest.skip("needs the superuser of the embedded database")
    with embedded.admin_connection(connection.settings_dict["NAME"]) as database:
        database.execute("SET session_replication_role = replica")
        database.execute("TRUNCATE events_seal, events_seal_page, events_audit")
        yield database
        database.execute("TRUNCATE events_seal, events_seal_page, events_audit")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "seals.log"


def verify(log: Path) -> list[tuple[str, int | None]]:
    """What verifying finds: kind and key."""
    return [(found.kind, found.key) for found in verify_seals([AUDIT], log=log)]


def value(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def keys() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM events_audit ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


class TestWhatIsSealedIsProven:
    """封存的记录可以证明未被改动。"""

    def test_all_is_well(self, superuser: object, log: Path) -> None:
        act("test.one", "test.two")
        first = seal(log)
        act("test.three")
        second = seal(log)

        assert (first.row_count, second.row_count) == (2, 1)
        assert second.xact_from == first.xact_to
        assert first.algorithm == "sm3"
        assert verify(log) == []
        assert len(log.read_text().splitlines()) == 2

    def test_nothing_new_makes_no_seal(self, superuser: object, log: Path) -> None:
        act("test.one")
        seal(log)

        assert seal(log) is None

    def test_a_running_transaction_is_left_for_the_next_seal(
        self, superuser: psycopg.Connection[Any], log: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()
        with embedded.admin_connection(connection.settings_dict["NAME"]) as slow:
            slow.autocommit = False
            slow.execute("INSERT INTO events_audit (at, action) VALUES (now(), 'test.slow')")
            act("test.quick")
            assert seal(log) is None  # the slow one's number is lower: nothing is certain yet
            assert value(seals.HORIZON) <= value("SELECT max(xact_id) FROM events_audit")
            slow.commit()

        monkeypatch.setattr(seals, "HORIZON", OWN_HORIZON)
        assert seal(log).row_count == 2
        assert verify(log) == []

    def test_many_pages(self, superuser: object, log: Path) -> None:
        act(*["test.many"] * (3 * seals.ROWS_PER_PAGE + 1))

        assert seal(log).row_count == 3 * seals.ROWS_PER_PAGE + 1
        assert verify(log) == []


class TestWhatTheSuperuserDoesIsFound:
    """关闭触发器改动数据库，核对时必须发现。"""

    @pytest.fixture
    def sealed(self, superuser: psycopg.Connection[Any], log: Path) -> psycopg.Connection[Any]:
        act(*["test.sealed"] * 600)
        seal(log)
        act("test.later")
        seal(log)
        return superuser

    def test_changed(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        key = keys()[300]
        sealed.execute("UPDATE events_audit SET actor_id = 8 WHERE id = %s", [key])

        assert verify(log) == [("changed", key)]

    def test_missing(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        key = keys()[0]
        sealed.execute("DELETE FROM events_audit WHERE id = %s", [key])

        assert verify(log) == [("missing", key)]

    def test_added(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        sealed.execute(
            "INSERT INTO events_audit (id, at, action, xact_id) SELECT 9999999, now(), 'test.added', min(xact_id) "
            "FROM events_audit"
        )

        assert verify(log) == [("added", 9999999)]

    def test_page_rewritten_to_fit(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        sealed.execute("UPDATE events_audit SET actor_id = 8 WHERE id = %s", [keys()[300]])
        with transaction.atomic():
            pages = list(seals._pages(AUDIT, 0, seals.seals()[0].xact_to, "sm3", seals.silent))
        for page_no, page in enumerate(pages):
            sealed.execute(
                "UPDATE events_seal_page SET digest = %s, row_marks = %s WHERE seal_id = 1 AND page_no = %s",
                [page.digest, list(page.marks), page_no],
            )

        assert verify(log) == [("page", None)]

    def test_chain_rewritten_to_fit(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        """改动数据后重新计算全部封存：与库外文件不一致。"""
        sealed.execute("UPDATE events_audit SET actor_id = 8 WHERE id = %s", [keys()[300]])
        sealed.execute("TRUNCATE events_seal, events_seal_page")
        seal(log)

        found = verify(log)

        assert ("log", None) in found

    def test_seal_removed(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        sealed.execute("DELETE FROM events_seal_page WHERE seal_id = 2")
        sealed.execute("DELETE FROM events_seal WHERE id = 2")

        assert verify(log) == [("log", None)]

    def test_seal_changed(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        sealed.execute("UPDATE events_seal SET row_count = 599 WHERE id = 1")

        assert verify(log) == [("chain", None)]

    def test_line_removed_from_the_file(self, sealed: psycopg.Connection[Any], log: Path) -> None:
        log.write_text("".join(log.read_text().splitlines(keepends=True)[1:]))

        assert verify(log) == [("log", None)]


def test_a_crash_between_seal_and_file_is_mended(superuser: object, log: Path) -> None:
    act("test.one")
    seal(log)
    log.unlink()
    act("test.two")

    seal(log)

    assert len(log.read_text().splitlines()) == 2
    assert verify(log) == []


def test_numbers_go_on_rising_in_another_cluster(superuser: psycopg.Connection[Any], log: Path) -> None:
    """恢复到新数据库集群后，新记录仍排在已封存批次之后。"""
    act("test.one")
    seal(log)
    superuser.execute("UPDATE events_origin SET xact_offset = xact_offset - 100000")  # as in a young cluster

    seals.adopt_cluster()
    act("test.two")

    assert seal(log).row_count == 1
    assert verify(log) == []
    superuser.execute("UPDATE events_origin SET xact_offset = 0")


def test_the_tree_depends_on_every_leaf_and_its_place() -> None:
    leaves = [bytes([number]) * 32 for number in range(5)]
    root = root_of("sm3", leaves)

    assert root_of("sm3", leaves[:4]) != root
    assert root_of("sm3", [leaves[1], leaves[0], *leaves[2:]]) != root
    assert root_of("sm3", leaves[:1]) == leaves[0]
    with pytest.raises(ValueError, match="leaves"):
        root_of("sm3", [])


def test_violations_are_sentences() -> None:
    found = Violation(
        kind="missing", seal_id=1, message="审计记录 5（第 1 批）被删除。", source="audit", key=5
    )

    assert "审计记录 5" in found.message
