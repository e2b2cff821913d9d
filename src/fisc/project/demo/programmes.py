"""The district's earmarked projects (特定目标类), one row each; weights are relative, months say when money flows."""

from __future__ import annotations

from dataclasses import dataclass

DIRECT, GUARANTEE, BOND = 2, 1, 4

ALL_YEAR = tuple(range(1, 13))
QUARTERS = (3, 6, 9, 12)
WORKS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 12)


@dataclass(frozen=True)
class Programme:
    """One project of one unit: where it counts, how heavy it is in 2022 and 2023, and how it is paid."""

    unit: str  # short or full name in ``district``
    name: str
    function_code: str
    economic_code: str
    weight_2022: int
    weight_2023: int
    months: tuple[int, ...] = ALL_YEAR
    per_month: int = 1
    flags: int = 0
    fund: str = "general"
    payees: str = "company"  # company | works | persons, or one institution by name


PROGRAMMES: tuple[Programme, ...] = (
    Programme("区教育局", "城乡义务教育补助经费", "2050202", "30201", 900, 1300, ALL_YEAR, 4, DIRECT | GUARANTEE),
    Programme("区教育局", "农村义务教育学生营养改善计划", "2050202", "30308", 260, 320, ALL_YEAR, 3, DIRECT, "general", "persons"),
    Programme("区教育局", "普惠性幼儿园生均补助", "2050201", "30399", 380, 620, QUARTERS, 6, 0, "general", "云屿区民办幼儿园联合服务中心"),
    Programme("区教育局", "义务教育薄弱环节改善与能力提升", "2050903", "31006", 900, 2100, WORKS, 3, 0, "general", "works"),
    Programme("区教育局", "东澜九年一贯制学校新建工程", "2050203", "31005", 700, 2400, WORKS, 2, BOND, "general", "works"),
    Programme("区教育局", "智慧教育平台建设", "2050904", "31007", 160, 260, QUARTERS, 2),
    Programme("区教育局", "家庭经济困难学生资助", "2050299", "30308", 120, 150, (4, 5, 10, 11), 4, DIRECT | GUARANTEE, "general", "persons"),
    Programme("区民政局", "农村最低生活保障金", "2081902", "30305", 620, 720, ALL_YEAR, 2, DIRECT | GUARANTEE, "general", "persons"),
    Programme("区民政局", "城市最低生活保障金", "2081901", "30305", 240, 270, ALL_YEAR, 2, DIRECT | GUARANTEE, "general", "persons"),
    Programme("区民政局", "农村特困人员救助供养", "2082102", "30305", 210, 240, ALL_YEAR, 2, DIRECT | GUARANTEE, "general", "persons"),
    Programme("区民政局", "残疾人两项补贴", "2081107", "30305", 260, 310, ALL_YEAR, 2, DIRECT, "general", "persons"),
    Programme("区民政局", "居家养老服务补助", "2081006", "30399", 300, 560, ALL_YEAR, 3, 0, "general", "云屿区养老服务机构联合体"),
    Programme("区民政局", "孤儿和事实无人抚养儿童保障", "2081001", "30305", 40, 46, ALL_YEAR, 1, DIRECT | GUARANTEE, "general", "persons"),
    Programme("区民政局", "彩票公益金社会福利项目", "2296002", "30399", 60, 90, QUARTERS, 2, 0, "govfund", "云屿区养老服务机构联合体"),
    Programme("区人社局", "就业补助资金", "2080705", "30399", 320, 520, ALL_YEAR, 4, DIRECT, "general", "persons"),
    Programme("区人社局", "城乡居民基本养老保险补助", "2082602", "31302", 1500, 1950, QUARTERS, 1, GUARANTEE, "general", "云屿区社会保险基金财政专户"),
    Programme("区人社局", "高层次人才住房补贴", "2080713", "30399", 140, 260, (5, 6, 11, 12), 3, 0, "general", "persons"),
    Programme("区卫生健康局", "基本公共卫生服务补助", "2100408", "30399", 520, 640, ALL_YEAR, 4, DIRECT | GUARANTEE, "general", "云屿区公共卫生服务结算户"),
    Programme("区卫生健康局", "区人民医院迁建工程", "2100201", "31001", 900, 2600, WORKS, 2, BOND, "general", "works"),
    Programme("区卫生健康局", "突发公共卫生事件应急物资", "2100410", "30218", 700, 160, ALL_YEAR, 4),
    Programme("区卫生健康局", "计划生育家庭奖励扶助", "2100717", "30309", 180, 210, (5, 6, 11), 3, GUARANTEE, "general", "persons"),
    Programme("区医保局", "城乡居民基本医疗保险补助", "2101202", "31302", 2100, 2700, (2, 5, 8, 11), 1, DIRECT | GUARANTEE, "general", "云屿区社会保险基金财政专户"),
    Programme("区医保局", "城乡医疗救助", "2101301", "30307", 260, 330, ALL_YEAR, 3, DIRECT | GUARANTEE, "general", "persons"),
    Programme("区退役军人局", "优抚对象抚恤补助", "2080802", "30304", 240, 280, ALL_YEAR, 2, DIRECT | GUARANTEE, "general", "persons"),
    Programme("区退役军人局", "义务兵家庭优待金", "2080805", "30304", 150, 180, (7, 8, 12), 2, 0, "general", "persons"),
    Programme("区残联", "残疾人康复与托养", "2081104", "30399", 110, 140, ALL_YEAR, 2, 0, "general", "云屿区残疾人托养中心"),
    Programme("区农业农村局", "耕地地力保护补贴", "2130122", "30310", 220, 260, (4, 5, 6, 10), 4, DIRECT, "general", "persons"),
    Programme("区农业农村局", "高标准农田建设", "2130153", "31005", 600, 1500, WORKS, 3, DIRECT, "general", "works"),
    Programme("区农业农村局", "渔业绿色发展补助", "2130148", "30310", 480, 900, QUARTERS, 6, DIRECT, "general", "persons"),
    Programme("区农业农村局", "农村人居环境整治", "2130126", "31005", 420, 980, WORKS, 4, 0, "general", "works"),
    Programme("区农业农村局", "政策性农业保险保费补贴", "2130803", "31204", 120, 150, QUARTERS, 2),
    Programme("区农业农村局", "山海协作乡村振兴项目", "2130504", "31005", 320, 620, WORKS, 3, DIRECT, "general", "works"),
    Programme("区农业农村局", "土地出让收入用于农业农村", "2120816", "31005", 500, 700, WORKS, 2, 0, "govfund", "works"),
    Programme("区水利局", "海塘安澜工程", "2130305", "31005", 1200, 3600, WORKS, 3, BOND, "general", "works"),
    Programme("区水利局", "农村供水保障工程", "2130335", "31005", 360, 720, WORKS, 2, 0, "general", "works"),
    Programme("区水利局", "防汛抢险物资储备", "2130314", "30218", 110, 140, (3, 4, 5, 6, 7, 8), 3),
    Programme("区林业中心", "沿海防护林建设", "2130205", "31005", 150, 240, WORKS, 2, 0, "general", "works"),
    Programme("区住建局", "老旧小区改造", "2210108", "31006", 800, 2300, WORKS, 4, DIRECT, "general", "works"),
    Programme("区住建局", "城镇污水处理提质增效", "2110302", "31005", 520, 1500, WORKS, 3, BOND, "general", "works"),
    Programme("区住建局", "公共租赁住房租赁补贴", "2210106", "30399", 90, 110, QUARTERS, 3, GUARANTEE, "general", "persons"),
    Programme("区住建局", "滨海新区道路建设", "2120803", "31005", 2400, 3000, WORKS, 4, 0, "govfund", "works"),
    Programme("云屿区市政园林中心", "市政设施维护", "2120303", "30213", 420, 620, ALL_YEAR, 4, 0, "general", "works"),
    Programme("云屿区环境卫生事务中心", "城区环卫保洁市场化服务", "2120501", "30227", 760, 880, ALL_YEAR, 4),
    Programme("区交通局", "四好农村路建设", "2140104", "31005", 900, 2500, WORKS, 4, 0, "general", "works"),
    Programme("云屿区公路与运输管理中心", "普通公路养护", "2140106", "30213", 420, 560, ALL_YEAR, 3, 0, "general", "works"),
    Programme("云屿区港航管理中心", "陆岛交通码头改造", "2140122", "31005", 260, 760, WORKS, 2, 0, "general", "works"),
    Programme("区生态环境局", "大气污染防治", "2110301", "30227", 160, 280, QUARTERS, 3),
    Programme("区生态环境局", "近岸海域水质提升", "2110302", "30227", 180, 420, QUARTERS, 3),
    Programme("区生态环境局", "蓝色海湾整治行动", "2110401", "31005", 380, 1300, WORKS, 2, 0, "general", "works"),
    Programme("区应急局", "自然灾害救灾补助", "2240703", "30306", 180, 150, (7, 8, 9), 4, DIRECT, "general", "persons"),
    Programme("区应急局", "应急指挥平台建设", "2240109", "31007", 90, 180, QUARTERS, 2),
    Programme("云屿区消防救援大队", "消防装备购置", "2240204", "31003", 140, 240, QUARTERS, 2),
    Programme("区科技局", "企业研发投入奖补", "2060404", "31204", 520, 1250, (4, 5, 6, 10, 11), 8),
    Programme("区科技局", "科技创新券", "2060502", "31204", 60, 90, QUARTERS, 6),
    Programme("区文广旅体局", "文化惠民演出", "2070108", "30227", 90, 150, ALL_YEAR, 2),
    Programme("区文广旅体局", "海岛旅游宣传推广", "2070113", "30227", 110, 260, ALL_YEAR, 2),
    Programme("区文广旅体局", "全民健身中心建设", "2070307", "31005", 260, 780, WORKS, 2, 0, "general", "works"),
    Programme("区融媒体中心", "融媒体平台运维", "2070899", "30213", 60, 80, QUARTERS, 2),
    Programme("公安分局", "智慧安防建设", "2040220", "31003", 420, 620, QUARTERS, 4),
    Programme("公安分局", "办案业务费", "2040220", "30299", 260, 280, ALL_YEAR, 3),
    Programme("区司法局", "人民调解和法律援助", "2040604", "30226", 60, 66, QUARTERS, 3, 0, "general", "persons"),
    Programme("区经信局", "工业企业技术改造奖补", "2150517", "31204", 900, 2100, (3, 4, 5, 6, 9, 11), 8),
    Programme("区经信局", "小微企业贷款贴息", "2150805", "31205", 180, 420, QUARTERS, 6),
    Programme("区商务局", "商贸流通与外贸发展奖励", "2160299", "31204", 320, 760, (4, 5, 6, 10, 11), 6),
    Programme("区商务局", "招商引资专项", "2011308", "30227", 120, 160, ALL_YEAR, 2),
    Programme("示范区管委会", "海洋经济发展示范区基础设施", "2010399", "31005", 2400, 6200, WORKS, 5, BOND, "general", "works"),
    Programme("示范区管委会", "产业园区标准厂房建设", "2150517", "31001", 900, 3000, WORKS, 3, BOND, "general", "works"),
    Programme("区发改局", "重大项目前期费", "2010499", "30227", 260, 420, QUARTERS, 5),
    Programme("云屿区粮食收储中心", "地方储备粮油补贴", "2220115", "31204", 120, 130, QUARTERS, 1, 0, "general", "云屿区粮食购销有限公司"),
    Programme("区资规局", "海域海岛生态修复", "2200120", "31005", 420, 1100, WORKS, 2, 0, "general", "works"),
    Programme("区资规局", "地质灾害综合治理", "2240601", "31005", 160, 320, WORKS, 2, DIRECT, "general", "works"),
    Programme("云屿区土地储备中心", "征地和拆迁补偿", "2120801", "31012", 3600, 4200, ALL_YEAR, 3, 0, "govfund", "persons"),
    Programme("云屿区土地储备中心", "土地开发整理", "2120802", "31005", 1200, 1500, WORKS, 2, 0, "govfund", "works"),
    Programme("区财政局", "地方政府一般债券付息", "2320301", "30701", 1600, 1900, (3, 6, 9, 12), 1, 0, "general", "海州市债券付息归集户"),
    Programme("区财政局", "预算管理一体化系统运维", "2010607", "30213", 60, 70, QUARTERS, 2),
    Programme("区府办", "政务服务大厅改造", "2010399", "31006", 160, 380, (4, 5, 6, 9), 2, 0, "general", "works"),
    Programme("区委组织部", "基层党建与人才工作专项", "2013299", "30299", 140, 170, ALL_YEAR, 2),
    Programme("区委政法委", "综治网格员补助", "2013699", "30305", 200, 220, ALL_YEAR, 2, 0, "general", "persons"),
    Programme("云屿区机关事务保障中心", "机关大院物业服务", "2010303", "30209", 140, 150, ALL_YEAR, 1),
    Programme("云屿区大数据发展中心", "数字政府基础设施", "2010399", "31007", 240, 460, QUARTERS, 3),
)  # fmt: skip

# every town has these
TOWN_PROGRAMMES: tuple[Programme, ...] = (
    Programme("", "村级组织运转经费", "2130705", "30305", 90, 100, ALL_YEAR, 2, GUARANTEE, "general", "persons"),
    Programme("", "环境综合整治", "2120501", "30227", 60, 90, ALL_YEAR, 2, 0, "general", "works"),
    Programme("", "农村基础设施建设", "2130504", "31005", 120, 300, WORKS, 2, 0, "general", "works"),
    Programme("", "平安建设专项", "2013699", "30299", 24, 28, QUARTERS, 2),
)  # fmt: skip
