"""The demo district 云屿区: a seeded plan (who, what, how much) and the play that enters it.

The plan modules are pure: units and their basic data (`district`, `basics`), what money is for (`programmes`,
`small_projects`, `travel_and_cars`, `old_money`), lines and payments (`line_drafts`, `spending_plan`), the project bank,
asks and cuts (`natures`, `bank_plan`, `preparation_plan`), receipts (`revenue_plan`), all scaled to the percentages of
the half-year report (`targets`). `timeline` lists the chapters, `play` enters them through the product's own doors, as
users would; it never writes a ledger table.
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
