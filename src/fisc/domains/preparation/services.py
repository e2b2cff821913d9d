"""The module's public functions in one place; what each does stands where it is written. All are set-based."""

from fisc.domains.preparation.cells import Cell, Saved, save_cells
from fisc.domains.preparation.controls import Proposal, draft_control, proposals
from fisc.domains.preparation.filling import Filled, fill_from_standards
from fisc.domains.preparation.finding import current_round
from fisc.domains.preparation.lines import (
    Entered,
    Review,
    accept_rest,
    enter_lines,
    fill_second,
    review_lines,
)
from fisc.domains.preparation.replies import Unallocated, disclose, forward, make_reply, record_approval
from fisc.domains.preparation.rounds import open_round
from fisc.domains.preparation.versions import compare

__all__ = [
    "Cell",
    "Entered",
    "Filled",
    "Proposal",
    "Review",
    "Saved",
    "Unallocated",
    "accept_rest",
    "compare",
    "current_round",
    "disclose",
    "draft_control",
    "enter_lines",
    "fill_from_standards",
    "fill_second",
    "forward",
    "make_reply",
    "open_round",
    "proposals",
    "record_approval",
    "review_lines",
    "save_cells",
]
