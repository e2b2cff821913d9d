"""The two opening paragraphs of the half-year report of 2023 as published, and amounts that print exactly so.

The amounts are invented to fit the published rates; each is checked against the rate in test_writer.py.
"""

PARAGRAPHS = (
    "1－6月，全区财政总收入实现*万元，同比增长22.5％，完成年度任务的58.8％。一般公共预算收入*万元，同比增长17.9％，"
    "完成年度任务的59.9％。其中：税收收入*万元，同比增长58％，完成年度任务的61.6％，非税收入*万元，同比下降7.8％，"
    "完成年度任务的58.1％。税收收入占一般公共预算收入比重52.33％，比上年同期提高13.28个百分点。",
    "1－6月，全区一般公共预算支出*万元，同比增长52.33％，其中教育、社会保障和就业等民生支出12.67亿元，"
    "占一般公共预算支出的65.78％。",
)

WAN = 1_000_000  # 分 in 万元

# 分, January to June
TAX = 52_330 * WAN
TAX_BEFORE = 331_192 * WAN // 10
NONTAX = 47_670 * WAN
NONTAX_BEFORE = 51_692 * WAN
OTHER_LEVELS = 62_000 * WAN  # 中央级、省级分成
OTHER_LEVELS_BEFORE = 47_436 * WAN
EXPENDITURE = 192_612 * WAN
EXPENDITURE_BEFORE = 126_444 * WAN
LIVELIHOOD = 126_700 * WAN

# 分, the year's task
TASK_TAX = 84_952 * WAN
TASK_NONTAX = 82_048 * WAN
TASK_OTHER = 108_510 * WAN
