"""Seals: what was written is folded into chained Merkle batches, so that no later change stays unseen.

A batch takes the rows of finished transactions only (`events_xact_horizon`): nothing can slip in behind it, and
writers never wait. The digest of each batch also goes into a file outside the database, one line per seal. Verifying
reads all rows again; it finds what was changed, removed or added, also by a superuser with the triggers switched off.
docs/adr/seals.md
"""

import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from fisc.base.progress import Progress, silent
from fisc.kernel.events.merkle import best_algorithm, link_digest, page_digest, root_of

ROWS_PER_PAGE = 256
LOCK = "SELECT pg_advisory_lock(hashtextextended('events_seal', 0))"
HORIZON = "SELECT events_xact_horizon()"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('events_seal', 0))"
# Texts of dates and moments depend on these; each sealing and verifying transaction sets them for itself.
NEUTRAL = "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true)"
# One row: a page of a source's rows, each with its length before it, so that no two pages read alike.
PAGES = """
    SELECT array_agg(key ORDER BY key), array_agg(hashtextextended(content, 0) ORDER BY key),
        string_agg(octet_length(content) || ':' || content, '' ORDER BY key)
    FROM (
        SELECT key, content, (row_number() OVER (ORDER BY key) - 1) / {rows_per_page} AS page_no
        FROM ({query}) AS leaf (key, content)
    ) AS leaf
    GROUP BY page_no
    ORDER BY page_no
"""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is sealed: a query of (key bigint, content text) over the transactions from %(start)s to before %(end)s."""

    name: str
    title: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Seal:
    """One sealed batch: the rows of the transactions `xact_from` ≤ x < `xact_to`."""

    id: int
    xact_from: int
    xact_to: int
    row_count: int
    sealed_at: datetime
    algorithm: str
    root: bytes
    digest: bytes

    @property
    def content(self) -> str:
        """What its digest covers beside the digest before it."""
        return "|".join(
            map(str, (self.id, self.xact_from, self.xact_to, self.row_count, self.sealed_at.timestamp(),
                      self.algorithm, self.root.hex()))
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Page:
    """Up to `ROWS_PER_PAGE` rows of one source: their keys, quick marks to find a changed one, and the proof."""

    source: str
    digest: bytes
    keys: Sequence[int]
    marks: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """Something that is not as it was sealed. `kind`: changed, missing, added, page, chain, log."""

    kind: str
    seal_id: int
    message: str
    source: str = ""
    key: int | None = None


AUDIT = Source(
    name="audit",
    title="审计记录",
    query="""
        SELECT id, ROW(id, at, xact_id, actor_id, document_id, actor_name, action, object_kind, object_id, ip,
                       detail)::text
        FROM events_audit
        WHERE xact_id >= %(start)s AND xact_id < %(end)s
    """,
)


def default_log() -> Path:
    """Return the file outside the database to which every seal is also written."""
    return Path(settings.VAR) / "seals.log"


def seal(
    sources: Sequence[Source], *, at: datetime, log: Path | None = None, progress: Progress = silent
) -> Seal | None:
    """This function will seal all rows of finished transactions that are not sealed yet; None if there are none."""
    with _alone():
        made = _seal(sources, at=at, progress=progress)
        transaction.on_commit(lambda: append_missing_lines(log or default_log()))
    return made


def _seal(sources: Sequence[Source], *, at: datetime, progress: Progress) -> Seal | None:
    algorithm = best_algorithm()
    with transaction.atomic():
        _value(NEUTRAL)
        last = _last_seal()
        start, end = last.xact_to if last else 0, _value(HORIZON)
        seal_id = last.id + 1 if last else 1
        if end <= start:
            return None
        pages = [page for source in sources for page in _pages(source, start, end, algorithm, progress)]
        if not pages:
            return None
        root = root_of(algorithm, [page.digest for page in pages])
        draft = Seal(
            id=seal_id, xact_from=start, xact_to=end, row_count=sum(len(page.keys) for page in pages), sealed_at=at,
            algorithm=algorithm, root=root, digest=b"",
        )  # fmt: skip
        digest = link_digest(algorithm, last.digest if last else b"", draft.content)
        made = Seal(**{**vars(draft), "digest": digest})
        _save(made, pages)
    return made


@contextmanager
def _alone() -> Iterator[None]:
    """Seal and verify one at a time, the file included."""
    _value(LOCK)
    try:
        yield
    finally:
        _value(UNLOCK)


def _pages(source: Source, start: int, end: int, algorithm: str, progress: Progress) -> Iterator[Page]:
    """Read the pages of a source as they are now, one after the other."""
    done = 0
    chunked: Any = connection.chunked_cursor()  # a server-side cursor of psycopg, which has an itersize
    with chunked as cursor:
        cursor.itersize = 50
        query = PAGES.format(rows_per_page=ROWS_PER_PAGE, query=source.query)
        cursor.execute(query, {"start": start, "end": end})
        for keys, marks, content in cursor:
            text = f"{source.name}:{content}"
            yield Page(
                source=source.name,
                digest=page_digest(algorithm, text.encode()),
                keys=array("q", keys),  # a list would take four times the memory
                marks=array("q", marks),
            )
            done += len(keys)
            progress(source.title, done, None)


def _save(made: Seal, pages: Sequence[Page]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_seal (id, xact_from, xact_to, row_count, sealed_at, algorithm, root, digest) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [made.id, made.xact_from, made.xact_to, made.row_count, made.sealed_at, made.algorithm, made.root,
             made.digest],
        )  # fmt: skip
        with cursor.copy(
            "COPY events_seal_page (seal_id, page_no, source, digest, row_keys, row_marks) FROM STDIN"
        ) as copy:
            for page_no, page in enumerate(pages):
                copy.write_row(
                    (made.id, page_no, page.source, page.digest, list(page.keys), list(page.marks))
                )


def seals() -> list[Seal]:
    """Return all seals, oldest first."""
    return _read_seals("ORDER BY id")


def _last_seal() -> Seal | None:
    return next(iter(_read_seals("ORDER BY id DESC LIMIT 1")), None)


def _read_seals(order: str) -> list[Seal]:
    names = ("id", "xact_from", "xact_to", "row_count", "sealed_at", "algorithm", "root", "digest")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM events_seal {order}")
        return [
            Seal(**dict(zip(names, (*facts, bytes(root), bytes(digest)), strict=True)))
            for *facts, root, digest in cursor.fetchall()
        ]


def unsealed_from() -> int:
    """Return the first transaction that is not sealed yet."""
    last = _last_seal()
    return last.xact_to if last else 0


# -- the file outside the database -----------------------------------------------------------------------------------


def _line(origin: str, made: Seal) -> str:
    return f"{origin} {made.id} {made.sealed_at.isoformat()} {made.row_count} {made.algorithm} {made.digest.hex()}\n"


def append_missing_lines(log: Path) -> None:
    """This function will add the seals after the last one in the file, so that a crash between the two is mended."""
    origin = str(_value("SELECT origin_id FROM events_origin"))
    known = max(_logged(log, origin), default=0)
    lines = [_line(origin, made) for made in seals() if made.id > known]
    if not lines:
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="ascii") as handle:
        handle.writelines(lines)
        handle.flush()
        os.fsync(handle.fileno())


def _logged(log: Path, origin: str) -> dict[int, str]:
    """Return the digests in the file for these books, by seal."""
    if not log.exists():
        return {}
    rows = [line.split() for line in log.read_text(encoding="ascii").splitlines() if line.startswith(origin)]
    return {int(row[1]): row[5] for row in rows}


# -- verifying -------------------------------------------------------------------------------------------------------


def verify_seals(
    sources: Sequence[Source], *, log: Path | None = None, progress: Progress = silent
) -> list[Violation]:
    """This function will read all sealed rows again and return what is not as it was sealed."""
    with _alone(), transaction.atomic():
        _value(NEUTRAL)
        made = seals()
        origin = str(_value("SELECT origin_id FROM events_origin"))
        violations = [*_broken_links(made), *_broken_lines(made, _logged(log or default_log(), origin))]
        for number, one in enumerate(made, 1):
            violations += _verify_seal(one, sources, progress)
            progress("核对封存批次", number, len(made))
    return violations


def _broken_links(made: Sequence[Seal]) -> Iterator[Violation]:
    previous = b""
    for one in made:
        if link_digest(one.algorithm, previous, one.content) != one.digest:
            yield Violation(kind="chain", seal_id=one.id, message=f"第 {one.id} 批封存记录被改动，链条断裂。")
        previous = one.digest
    for before, after in pairwise(made):
        if after.id != before.id + 1 or after.xact_from != before.xact_to:
            yield Violation(kind="chain", seal_id=after.id, message=f"第 {after.id} 批之前缺少封存批次。")
    if made and (made[0].id != 1 or made[0].xact_from != 0):
        yield Violation(kind="chain", seal_id=made[0].id, message=f"第 {made[0].id} 批之前缺少封存批次。")


def _broken_lines(made: Sequence[Seal], logged: dict[int, str]) -> Iterator[Violation]:
    digests = {one.id: one.digest.hex() for one in made}
    for seal_id in sorted(digests.keys() | logged.keys()):
        if seal_id not in logged:
            yield Violation(kind="log", seal_id=seal_id, message=f"库外封存文件缺少第 {seal_id} 批。")
        elif seal_id not in digests:
            yield Violation(
                kind="log", seal_id=seal_id, message=f"数据库缺少第 {seal_id} 批封存，库外文件中有。"
            )
        elif digests[seal_id] != logged[seal_id]:
            yield Violation(kind="log", seal_id=seal_id, message=f"第 {seal_id} 批封存与库外文件不一致。")


def _verify_seal(made: Seal, sources: Sequence[Source], progress: Progress) -> list[Violation]:
    stored = _stored_pages(made.id)
    violations = []
    if not stored or root_of(made.algorithm, [page.digest for page in stored]) != made.root:
        violations.append(Violation(kind="page", seal_id=made.id, message=f"第 {made.id} 批封存的页被改动。"))
    for source in sources:
        sealed = [page for page in stored if page.source == source.name]
        actual = list(_pages(source, made.xact_from, made.xact_to, made.algorithm, progress))
        if [page.digest for page in actual] != [page.digest for page in sealed]:
            violations += _differences(made, source, sealed, actual)
    return violations


def _stored_pages(seal_id: int) -> list[Page]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source, digest, row_keys, row_marks FROM events_seal_page WHERE seal_id = %s ORDER BY page_no",
            [seal_id],
        )
        return [
            Page(source=source, digest=bytes(digest), keys=keys, marks=marks)
            for source, digest, keys, marks in cursor.fetchall()
        ]


def _differences(
    made: Seal, source: Source, sealed: Sequence[Page], actual: Sequence[Page]
) -> list[Violation]:
    """Say which rows differ."""
    before = {key: mark for page in sealed for key, mark in zip(page.keys, page.marks, strict=True)}
    now = {key: mark for page in actual for key, mark in zip(page.keys, page.marks, strict=True)}
    found = [
        *(("missing", key, "被删除") for key in before.keys() - now.keys()),
        *(("added", key, "是封存之后插入的") for key in now.keys() - before.keys()),
        *(("changed", key, "被改动") for key in before.keys() & now.keys() if before[key] != now[key]),
    ]
    if not found:  # the marks do not tell: the page's own record was changed, or a mark was made to fit
        return [
            Violation(
                kind="page", seal_id=made.id, source=source.name,
                message=f"第 {made.id} 批{source.title}与封存的摘要不一致。",
            )
        ]  # fmt: skip
    return [
        Violation(
            kind=kind, seal_id=made.id, source=source.name, key=key,
            message=f"{source.title} {key}（第 {made.id} 批）{what}。",
        )
        for kind, key, what in sorted(found, key=lambda row: row[1])
    ]  # fmt: skip


def adopt_cluster() -> None:
    """This function will make transaction numbers go on rising after a restore into another cluster.

    To be called once, before the first write after a restore; again it changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE events_origin
            SET xact_offset = xact_offset + greatest(0, sealed.xact_to - events_xact_horizon())
            FROM (
                SELECT greatest(
                    (SELECT max(xact_to) FROM events_seal), (SELECT max(xact_id) FROM events_audit), 0
                ) + 1 AS xact_to
            ) AS sealed
            """
        )


def _value(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]
