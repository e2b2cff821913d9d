"""What each line of the plan is to the review: 重点, 刚性 or 一般, and which 三保 item it pays."""

from __future__ import annotations

from fisc.project.demo import programmes
from fisc.project.demo.spending_plan import PlanLine

PRIORITY, RIGID, ORDINARY = "priority", "rigid", "ordinary"
LABELS = {PRIORITY: "重点", RIGID: "刚性", ORDINARY: "一般"}

_WAGES = {"30101": "W01", "30102": "W02", "30107": "W02", "30103": "W02", "30108": "W03", "30109": "W03",
          "30110": "W03", "30113": "W03", "30302": ""}  # fmt: skip
_COMPULSORY_FUNCTIONS = ("2050202", "2050203", "2050701")
# Function item of a programme marked 三保 → its item of the list.
_PROGRAMMES = {
    "2130705": "O02", "2050202": "L01", "2050201": "L02", "2050299": "L02", "2082602": "L03", "2101202": "L04",
    "2101301": "L04", "2100408": "L05", "2081902": "L06", "2081901": "L06", "2082102": "L07", "2081001": "L08",
    "2080802": "L08", "2210106": "L09", "2100717": "L10",
}  # fmt: skip
_PRIORITY_CLASSES = ("205", "206", "213")


def guarantee_item(line: PlanLine) -> str:
    """This function will give the 三保 item a line pays, or nothing."""
    if not line.flags & programmes.GUARANTEE:
        return ""
    if line.kind == "personnel":
        return _WAGES[line.economic_code]
    if line.kind == "running":
        return "L01" if line.function_code in _COMPULSORY_FUNCTIONS else "O01"
    return _PROGRAMMES[line.function_code]


def nature(line: PlanLine) -> str:
    """This function will say how the review looks at a line; only ordinary ones may be cut."""
    if line.flags & programmes.GUARANTEE or line.kind in ("personnel", "running"):
        return RIGID
    if line.economic_code[:3] in ("303", "307"):
        return RIGID
    if line.flags & (programmes.DIRECT | programmes.BOND) or line.fund != "general":
        return PRIORITY
    is_large = line.kind == "special" and line.project_code[-3] == "T"
    return PRIORITY if is_large and line.function_code.startswith(_PRIORITY_CLASSES) else ORDINARY
