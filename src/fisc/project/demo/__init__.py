"""The demo district 云屿区: a seeded plan (who, what, how much) and the play that enters it.

The plan modules (`district`, `programmes`, `payees`, `targets`, `spending_plan`, `revenue_plan`) are pure: they draw
invented units, payers, payments and receipts from one seed and scale them to the percentages of the half-year
report. `play` enters the plan through the product's own doors, as users would; it never writes a ledger table.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from fisc.base.progress import Progress

if TYPE_CHECKING:
    from fisc.project.demo.play import Played


def load(*, through: date, progress: Progress) -> Played:
    """This function will play the demo district up to a day; what was played before is kept."""
    from fisc.project.demo import play  # needs Django to be set up

    return play.load(through=through, progress=progress)
