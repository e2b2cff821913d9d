"""The invented district: sections of the bureau, departments with their units, towns, and people.

Every name is made up. One row of a table below is one department with its subordinate units; the function code is
the item (项) that its own salaries and running costs count under.
"""

from __future__ import annotations

from dataclasses import dataclass

REGION_CODE = "339901"
REGION_NAME = "云屿区"
BUREAU_CODE = "101"
SEED = 20230703


@dataclass(frozen=True)
class PlanUnit:
    """One budget unit of the plan; ``staff`` is the head count that drives salaries and running costs."""

    code: str
    name: str
    short_name: str
    parent_code: str | None
    kind: str  # bureau | department | unit | town
    unit_kind: str  # administrative | institution
    section_code: str
    function_code: str
    staff: int


SECTIONS: tuple[tuple[str, str], ...] = (
    ("BG", "办公室"),
    ("YS", "预算股"),
    ("GK", "国库股"),
    ("XZ", "行政政法股"),
    ("JK", "教科文股"),
    ("SB", "社会保障股"),
    ("NY", "农业农村股"),
    ("JJ", "经济建设股"),
    ("QY", "企业股"),
    ("ZW", "债务股"),
    ("JX", "绩效股"),
    ("JD", "监督股"),
    ("ZC", "资产股"),
    ("FS", "非税中心"),
    ("PS", "评审中心"),
)

# section, department (full name, short name, kind, function item, staff), its subordinate units
_Child = tuple[str, str, int]
_Department = tuple[str, str, str, str, str, int, tuple[_Child, ...]]

_DEPARTMENTS: tuple[_Department, ...] = (
    (
        "XZ",
        "中共云屿区委办公室",
        "区委办",
        "administrative",
        "2013101",
        38,
        (("云屿区档案馆", "2012604", 16),),
    ),
    ("XZ", "云屿区人大常委会办公室", "区人大办", "administrative", "2010101", 26, ()),
    (
        "XZ",
        "云屿区人民政府办公室",
        "区府办",
        "administrative",
        "2010301",
        45,
        (("云屿区机关事务保障中心", "2010303", 22), ("云屿区大数据发展中心", "2010350", 14)),
    ),
    ("XZ", "政协云屿区委员会办公室", "区政协办", "administrative", "2010201", 22, ()),
    ("XZ", "中共云屿区纪律检查委员会", "区纪委", "administrative", "2011101", 52, ()),
    ("XZ", "中共云屿区委组织部", "区委组织部", "administrative", "2013201", 30, ()),
    ("XZ", "中共云屿区委宣传部", "区委宣传部", "administrative", "2013301", 20, ()),
    ("XZ", "中共云屿区委统战部", "区委统战部", "administrative", "2013401", 15, ()),
    ("XZ", "中共云屿区委政法委员会", "区委政法委", "administrative", "2013601", 18, ()),
    (
        "XZ",
        "云屿区公安分局",
        "公安分局",
        "administrative",
        "2040201",
        410,
        (("云屿区交通警察大队", "2040201", 96), ("云屿区看守所", "2040201", 34)),
    ),
    (
        "XZ",
        "云屿区司法局",
        "区司法局",
        "administrative",
        "2040601",
        48,
        (("云屿区法律援助中心", "2040607", 9),),
    ),
    ("XZ", "云屿区信访局", "区信访局", "administrative", "2010308", 14, ()),
    ("XZ", "云屿区审计局", "区审计局", "administrative", "2010801", 24, ()),
    ("XZ", "云屿区统计局", "区统计局", "administrative", "2010501", 20, ()),
    (
        "XZ",
        "云屿区市场监督管理局",
        "区市场监管局",
        "administrative",
        "2013801",
        130,
        (("云屿区检验检测中心", "2013850", 28),),
    ),
    ("XZ", "云屿区综合行政执法局", "区综合执法局", "administrative", "2120104", 150, ()),
    ("XZ", "共青团云屿区委员会", "团区委", "administrative", "2012901", 9, ()),
    ("XZ", "云屿区妇女联合会", "区妇联", "administrative", "2012901", 9, ()),
    ("XZ", "云屿区工商业联合会", "区工商联", "administrative", "2012801", 8, ()),
    (
        "JK",
        "云屿区教育局",
        "区教育局",
        "administrative",
        "2050101",
        46,
        (
            ("云屿区第一中学", "2050204", 182),
            ("云屿区第二中学", "2050204", 146),
            ("云屿区职业技术学校", "2050302", 128),
            ("云屿区实验中学", "2050203", 134),
            ("云屿区东澜中学", "2050203", 92),
            ("云屿区望潮中学", "2050203", 76),
            ("云屿区石塔中学", "2050203", 58),
            ("云屿区白沙中学", "2050203", 49),
            ("云屿区实验小学", "2050202", 156),
            ("云屿区城关小学", "2050202", 132),
            ("云屿区海晏小学", "2050202", 118),
            ("云屿区东澜小学", "2050202", 96),
            ("云屿区北澳小学", "2050202", 84),
            ("云屿区望潮小学", "2050202", 72),
            ("云屿区石塔小学", "2050202", 56),
            ("云屿区白沙小学", "2050202", 51),
            ("云屿区渔浦小学", "2050202", 44),
            ("云屿区青屿小学", "2050202", 38),
            ("云屿区月港小学", "2050202", 29),
            ("云屿区南礁小学", "2050202", 24),
            ("云屿区实验幼儿园", "2050201", 62),
            ("云屿区东澜幼儿园", "2050201", 48),
            ("云屿区望潮幼儿园", "2050201", 36),
            ("云屿区特殊教育学校", "2050701", 32),
            ("云屿区教师发展中心", "2050801", 40),
        ),
    ),
    (
        "JK",
        "云屿区科学技术局",
        "区科技局",
        "administrative",
        "2060101",
        18,
        (("云屿区科技创新服务中心", "2060501", 14),),
    ),
    (
        "JK",
        "云屿区文化和广电旅游体育局",
        "区文广旅体局",
        "administrative",
        "2070101",
        42,
        (
            ("云屿区图书馆", "2070104", 22),
            ("云屿区文化馆", "2070109", 20),
            ("云屿区博物馆", "2070205", 16),
            ("云屿区体育事业发展中心", "2070308", 15),
        ),
    ),
    ("JK", "云屿区融媒体中心", "区融媒体中心", "institution", "2070899", 64, ()),
    ("JK", "中共云屿区委党校", "区委党校", "institution", "2050802", 30, ()),
    ("JK", "云屿区科学技术协会", "区科协", "administrative", "2060701", 8, ()),
    (
        "SB",
        "云屿区民政局",
        "区民政局",
        "administrative",
        "2080201",
        32,
        (("云屿区社会福利中心", "2081005", 38), ("云屿区救助管理站", "2082502", 9)),
    ),
    (
        "SB",
        "云屿区人力资源和社会保障局",
        "区人社局",
        "administrative",
        "2080101",
        58,
        (("云屿区就业管理服务中心", "2080106", 26), ("云屿区社会保险事业管理中心", "2080109", 36)),
    ),
    (
        "SB",
        "云屿区卫生健康局",
        "区卫生健康局",
        "administrative",
        "2100101",
        40,
        (
            ("云屿区人民医院", "2100201", 420),
            ("云屿区中医院", "2100202", 168),
            ("云屿区妇幼保健院", "2100403", 84),
            ("云屿区疾病预防控制中心", "2100401", 58),
            ("云屿区卫生监督所", "2100402", 24),
            ("东澜街道社区卫生服务中心", "2100301", 72),
            ("海晏街道社区卫生服务中心", "2100301", 66),
            ("北澳街道社区卫生服务中心", "2100301", 54),
            ("望潮镇卫生院", "2100302", 48),
            ("石塔镇卫生院", "2100302", 40),
            ("白沙镇卫生院", "2100302", 36),
            ("渔浦镇卫生院", "2100302", 32),
            ("青屿镇卫生院", "2100302", 28),
        ),
    ),
    (
        "SB",
        "云屿区医疗保障局",
        "区医保局",
        "administrative",
        "2101501",
        20,
        (("云屿区医疗保障服务中心", "2101550", 24),),
    ),
    ("SB", "云屿区退役军人事务局", "区退役军人局", "administrative", "2082801", 18, ()),
    ("SB", "云屿区残疾人联合会", "区残联", "administrative", "2081101", 12, ()),
    ("SB", "云屿区红十字会", "区红十字会", "administrative", "2081601", 6, ()),
    (
        "NY",
        "云屿区农业农村局",
        "区农业农村局",
        "administrative",
        "2130101",
        56,
        (
            ("云屿区农业技术推广中心", "2130104", 34),
            ("云屿区渔政执法大队", "2130110", 46),
            ("云屿区水产技术推广站", "2130104", 22),
        ),
    ),
    (
        "NY",
        "云屿区水利局",
        "区水利局",
        "administrative",
        "2130301",
        26,
        (("云屿区水库管理所", "2130304", 20), ("云屿区河湖管理中心", "2130304", 18)),
    ),
    ("NY", "云屿区林业发展中心", "区林业中心", "institution", "2130204", 19, ()),
    ("NY", "云屿区供销合作社联合社", "区供销社", "institution", "2160250", 14, ()),
    (
        "JJ",
        "云屿区发展和改革局",
        "区发改局",
        "administrative",
        "2010401",
        36,
        (("云屿区粮食收储中心", "2220150", 16),),
    ),
    (
        "JJ",
        "云屿区住房和城乡建设局",
        "区住建局",
        "administrative",
        "2120101",
        44,
        (
            ("云屿区市政园林中心", "2120399", 42),
            ("云屿区环境卫生事务中心", "2120501", 58),
            ("云屿区住房保障中心", "2210106", 18),
            ("云屿区建设工程质量安全站", "2120106", 26),
        ),
    ),
    (
        "JJ",
        "云屿区交通运输局",
        "区交通局",
        "administrative",
        "2140101",
        38,
        (
            ("云屿区公路与运输管理中心", "2140106", 52),
            ("云屿区港航管理中心", "2140123", 30),
        ),
    ),
    (
        "JJ",
        "云屿区自然资源和规划分局",
        "区资规局",
        "administrative",
        "2200101",
        60,
        (("云屿区土地储备中心", "2200150", 16), ("云屿区不动产登记中心", "2200150", 30)),
    ),
    (
        "JJ",
        "云屿区生态环境分局",
        "区生态环境局",
        "administrative",
        "2110101",
        34,
        (("云屿区环境监测站", "2110299", 22),),
    ),
    (
        "JJ",
        "云屿区应急管理局",
        "区应急局",
        "administrative",
        "2240101",
        28,
        (("云屿区消防救援大队", "2240201", 64),),
    ),
    ("JJ", "云屿区人民防空办公室", "区人防办", "administrative", "2010399", 9, ()),
    (
        "QY",
        "云屿区经济和信息化局",
        "区经信局",
        "administrative",
        "2150501",
        30,
        (("云屿区中小企业服务中心", "2150550", 12),),
    ),
    (
        "QY",
        "云屿区商务局",
        "区商务局",
        "administrative",
        "2011301",
        22,
        (("云屿区投资促进服务中心", "2011308", 15),),
    ),
    ("QY", "云屿海洋经济发展示范区管委会", "示范区管委会", "administrative", "2010399", 26, ()),
)

_TOWNS: tuple[tuple[str, str, int], ...] = (
    ("东澜街道办事处", "东澜街道", 96),
    ("海晏街道办事处", "海晏街道", 92),
    ("北澳街道办事处", "北澳街道", 84),
    ("望潮镇人民政府", "望潮镇", 88),
    ("石塔镇人民政府", "石塔镇", 74),
    ("白沙镇人民政府", "白沙镇", 70),
    ("渔浦镇人民政府", "渔浦镇", 66),
    ("青屿镇人民政府", "青屿镇", 60),
    ("月港乡人民政府", "月港乡", 46),
    ("南礁乡人民政府", "南礁乡", 42),
)


def units() -> list[PlanUnit]:
    """All budget units in tree order: the bureau, departments each followed by its units, then the towns."""
    rows = [
        PlanUnit(
            BUREAU_CODE, "云屿区财政局", "区财政局", None, "bureau", "administrative", "XZ", "2010601", 76
        )
    ]
    for index, department in enumerate(_DEPARTMENTS):
        rows.extend(_department_rows(102 + index, department))
    first_town = 102 + len(_DEPARTMENTS)
    rows.extend(
        PlanUnit(str(first_town + index), name, short, None, "town", "administrative", "NY", "2010301", staff)
        for index, (name, short, staff) in enumerate(_TOWNS)
    )
    return rows


def _department_rows(number: int, department: _Department) -> list[PlanUnit]:
    section, name, short, unit_kind, function_code, staff, children = department
    code = str(number)
    head = PlanUnit(code, name, short, None, "department", unit_kind, section, function_code, staff)
    below = [
        PlanUnit(
            f"{code}{position:03d}", child, child.removeprefix(REGION_NAME), code, "unit", "institution",
            section, function, people,
        )
        for position, (child, function, people) in enumerate(children, start=1)
    ]  # fmt: skip
    return [head, *below]
