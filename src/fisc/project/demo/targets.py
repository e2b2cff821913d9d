"""What the demo district is calibrated to: amounts in 万元 chosen so that the seed's printed percentages come out.

The seed masks most amounts and prints the ratios; the amounts here are invented, the ratios are the seed's:
expenditure 192,612 / 126,444 = +52.33 %, livelihood 126,700 / 192,612 = 65.78 %, and so on. Nothing else in the
program reads this file.
"""

from __future__ import annotations

WAN = 1_000_000  # 分

# (fund, year, half, livelihood) → 万元
_SPENDING: dict[tuple[str, int, int, bool], int] = {
    ("general", 2022, 1, True): 82_570,
    ("general", 2022, 1, False): 126_444 - 82_570,
    ("general", 2022, 2, True): 104_300,
    ("general", 2022, 2, False): 54_800,
    ("general", 2023, 1, True): 126_700,
    ("general", 2023, 1, False): 192_612 - 126_700,
    ("general", 2023, 2, True): 118_600,
    ("general", 2023, 2, False): 61_300,
    ("govfund", 2022, 1, True): 21_000,
    ("govfund", 2022, 1, False): 120,
    ("govfund", 2022, 2, True): 26_500,
    ("govfund", 2022, 2, False): 150,
    ("govfund", 2023, 1, True): 24_800,
    ("govfund", 2023, 1, False): 160,
    ("govfund", 2023, 2, True): 29_400,
    ("govfund", 2023, 2, False): 190,
}


def spending_fen(fund: str, year: int, half: int, livelihood: bool) -> int:
    """This function will give the target of one half-year's spending in 分."""
    return _SPENDING[(fund, year, half, livelihood)] * WAN


# --- revenue: district share in 万元, first half of 2023 (own choice of level, ratios of the seed) ---
GENERAL_REVENUE_2023_H1 = 81_235
TAX_SHARE = 52.33  # % of general revenue
TAX_GROWTH = 58.0  # % on the first half of 2022
NONTAX_GROWTH = -7.8
TOTAL_GROWTH = 22.5  # 财政总收入
TOTAL_COMPLETION = 58.8  # % of the yearly task
TAX_COMPLETION = 61.6
NONTAX_COMPLETION = 58.1
SECOND_HALF = {2022: 0.86, 2023: 0.70}  # second half of the district's revenue as a share of its first half
OPENING_CASH = {"general": 62_000, "govfund": 9_000}
