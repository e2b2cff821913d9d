"""The five 三公 items and the kinds of general expenditure: the words everybody uses."""

ABROAD, RECEPTION, RUNNING = "30212", "30217", "30231"
PURCHASE, PURCHASE_CAPITAL = "31013", "30913"
THREE_PUBLIC: tuple[tuple[str, str], ...] = (
    (ABROAD, "因公出国（境）"),
    (RECEPTION, "公务接待"),
    (RUNNING, "公务用车运行维护"),
    (PURCHASE, "公务用车购置"),
    (PURCHASE_CAPITAL, "公务用车购置（基本建设）"),
)
THREE_PUBLIC_CODES = tuple(code for code, _ in THREE_PUBLIC)
THREE_PUBLIC_NAMES = dict(THREE_PUBLIC)
TOTAL = ""
"""The line of a unit's total, beside its items."""
CATEGORIES: tuple[tuple[str, str], ...] = (
    ("three_public", "三公经费"),
    ("meeting", "会议费"),
    ("training", "培训费"),
    ("travel", "差旅费"),
    ("equipment", "办公设备购置"),
    ("repair", "维修修缮"),
    ("entrusted", "委托业务费"),
)
CATEGORY_NAMES = dict(CATEGORIES)
