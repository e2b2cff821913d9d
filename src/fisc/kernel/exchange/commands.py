"""One call for the command line and other programs: a file from disk to written, or what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fisc.base.errors import NotFound, Refusal
from fisc.base.money import parse_yuan
from fisc.kernel.exchange import browse, files, run, upload
from fisc.kernel.exchange.browse import BatchView, ProblemView
from fisc.kernel.exchange.errors import MissingColumns, SeenBefore, TooLarge
from fisc.kernel.exchange.models import Batch
from fisc.kernel.exchange.spec import Progress
from fisc.kernel.orgs.access import actor_for, system_actor
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.clock import business_now
from fisc.kernel.orgs.models import User

_LISTED = 200


@dataclass(frozen=True)
class ImportReport:
    """What became of a file. `problems` are the first ones, errors before the rest."""

    batch: BatchView
    problems: tuple[ProblemView, ...]
    refusal: Refusal | None
    dry_run: bool

    @property
    def is_good(self) -> bool:
        """Whether the file was written (or, in a dry run, could be)."""
        return self.refusal is None


def import_file(
    kind: str,
    path: str | Path,
    username: str | None = None,
    dry_run: bool = False,
    control_total: str | None = None,
    progress: Progress | None = None,
    *,
    actor: Actor | None = None,
    at: dt.datetime | None = None,
    fiscal_year: int | None = None,
    params: Mapping[str, Any] | None = None,
    only_good: bool = False,
    confirm_seen: bool = False,
) -> ImportReport:
    """This function will import a file in one go: all of it or nothing. `control_total` is typed in 元.

    Without `username` and `actor` the machine's own account imports. A dry run writes nothing and keeps a
    cancelled batch as trace.

    :raises FileRefused, NoHead, MissingColumns, UnknownKind, NotAllowed, BadInput: before any row was looked at
    :raises NotFound: there is no such user or no such file
    """
    actor = actor or _actor(username)
    at = at or business_now()
    batch = upload.start(
        spec=kind,
        content=_content(Path(path)),
        filename=Path(path).name,
        actor=actor,
        at=at,
        fiscal_year=fiscal_year,
        params=params,
        control_total_fen=None if control_total is None else parse_yuan(control_total),
        confirm_seen=confirm_seen,
        progress=progress,
    )
    refusal: Refusal | None = None
    try:
        if dry_run:
            # checked first, so that all problems are kept and not only the refusal
            run.validate(batch.pk, actor=actor, at=at, progress=progress)
            batch = run.dry_run(batch.pk, actor=actor, at=at, only_good=only_good)
        else:
            batch = run.commit(
                batch.pk,
                actor=actor,
                at=at,
                only_good=only_good,
                confirm_seen=confirm_seen,
                progress=progress,
            )
    except (MissingColumns, SeenBefore):
        upload.cancel(batch.pk, actor=actor, at=at)
        raise
    except Refusal as error:
        refusal = error
    return _report(batch.pk, actor=actor, at=at, refusal=refusal, dry_run=dry_run)


def _actor(username: str | None) -> Actor:
    if username is None:
        return system_actor()
    user = User.objects.filter(username__iexact=username, is_active=True).first()
    if user is None:
        raise NotFound(f"没有登录名为“{username}”的用户。")
    return actor_for(user)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound(f"没有文件 {path}。")
    size = path.stat().st_size
    if size > files.MAX_FILE_BYTES:
        limit = f"{files.MAX_FILE_BYTES // 2**20} MB"
        raise TooLarge(filename=path.name, size=f"{size / 2**20:.1f} MB", limit=limit)
    return path.read_bytes()


def _report(
    batch_id: int, *, actor: Actor, at: dt.datetime, refusal: Refusal | None, dry_run: bool
) -> ImportReport:
    found: list[ProblemView] = []
    for severity in ("error", "warn", "note"):
        page, _ = browse.problems(batch_id, actor=actor, severity=severity, limit=_LISTED)
        found.extend(page)
    shown = browse.view(batch_id, actor=actor)
    if shown.state in (Batch.State.UPLOADED, Batch.State.CHECKED):
        upload.cancel(batch_id, actor=actor, at=at)
        shown = browse.view(batch_id, actor=actor)
    return ImportReport(batch=shown, problems=tuple(found[:_LISTED]), refusal=refusal, dry_run=dry_run)
