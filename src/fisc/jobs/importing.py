"""Large imports in the background: the same two steps as the wizard's, with their progress."""

import datetime as dt

from fisc.base.progress import Progress
from fisc.kernel import exchange
from fisc.kernel.orgs.access import actor_for
from fisc.kernel.orgs.models import User

LARGE_ROWS = 3_000
"""From here on a file is checked and written in the background (about two seconds of work)."""


def check_batch(
    progress: Progress, *, batch_id: int, user_id: int, at: str, control_total_fen: int | None = None
) -> dict[str, int]:
    """This function will check the rows of a batch. :raises Refusal: as `exchange.validate`."""
    batch = exchange.validate(
        batch_id,
        actor=actor_for(User.objects.get(pk=user_id)),
        at=dt.datetime.fromisoformat(at),
        control_total_fen=control_total_fen,
        progress=progress,
    )
    return {"rows": batch.row_count}


def write_batch(
    progress: Progress, *, batch_id: int, user_id: int, at: str, only_good: bool, confirm_seen: bool
) -> dict[str, int | str]:
    """This function will write a batch in one transaction: cancelled or killed, nothing of it is there.

    :raises Refusal: as `exchange.commit`.
    """
    batch = exchange.commit(
        batch_id,
        actor=actor_for(User.objects.get(pk=user_id)),
        at=dt.datetime.fromisoformat(at),
        only_good=only_good,
        confirm_seen=confirm_seen,
        progress=progress,
    )
    return {"rows": batch.written_rows, "message": batch.message}
