"""The three areas of 三保, the two levels of standards, and the twelve months: the words everybody uses."""

AREAS: tuple[tuple[str, str], ...] = (
    ("wages", "保工资"),
    ("operation", "保运转"),
    ("livelihood", "保基本民生"),
)
AREA_NAMES = dict(AREAS)
LEVELS: tuple[tuple[str, str], ...] = (("national", "国家标准"), ("local", "地方标准"))
LEVEL_NAMES = dict(LEVELS)
SOURCES: tuple[tuple[str, str], ...] = (("standards", "支出标准测算"), ("own", "人数×标准"))
CONFIDENCES: tuple[tuple[str, str], ...] = (
    ("verified", "已核实"),
    ("likely", "较可靠"),
    ("local", "本地自定"),
)
EVEN_MONTHS = (1,) * 12
