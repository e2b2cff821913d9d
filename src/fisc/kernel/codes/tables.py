"""Which official file fills which list, from which year on. The files and what is known of them: data/SOURCES.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Table:
    """One CSV file; ``widths`` are the code lengths by level where the classification fixes them."""

    file: str
    kind: str
    valid_from_year: int
    valid_to_year: int | None = None
    fund: str = ""
    edition: str = ""
    code_column: str = "code"
    name_column: str = "name"
    attributes: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return DATA / self.file


_PAO = (3, 5, 7)  # 类 款 项
_PA = (3, 5)  # 类 款
_ED24 = "2024年政府收支分类科目"
_ACCOUNT = ("category", "side", "book")

TABLES: tuple[Table, ...] = (
    Table("funds.csv", "fund", 2018, edition="预算法"),
    Table("functional_expenditure.csv", "function", 2018, fund="general", edition=_ED24, widths=_PAO),
    Table("functional_expenditure_govfund.csv", "function", 2018, fund="govfund", edition=_ED24, widths=_PAO),
    Table(
        "functional_expenditure_statecapital.csv",
        "function",
        2018,
        fund="statecapital",
        edition=_ED24,
        widths=_PAO,
    ),
    Table(
        "functional_expenditure_socialinsurance.csv",
        "function",
        2018,
        fund="socialinsurance",
        edition=_ED24,
        widths=_PAO,
    ),
    Table("revenue_general.csv", "revenue", 2018, fund="general", edition=_ED24, widths=_PAO),
    Table("revenue_govfund.csv", "revenue", 2018, fund="govfund", edition=_ED24, widths=_PAO),
    Table("revenue_statecapital.csv", "revenue", 2018, fund="statecapital", edition=_ED24, widths=_PAO),
    Table("revenue_socialinsurance.csv", "revenue", 2018, fund="socialinsurance", edition=_ED24, widths=_PAO),
    Table("economic_department.csv", "economic_department", 2018, edition="2018年起", widths=_PA),
    Table("economic_government.csv", "economic_government", 2018, edition="2018年起", widths=_PA),
    Table("regions.csv", "region", 2018, edition="2026年6月", attributes=("level_name", "sources")),
    Table("treasury_accounts.csv", "treasury_account", 2023, edition="财库〔2022〕41号", attributes=_ACCOUNT),
    Table(
        "treasury_accounts_2015_superseded.csv",
        "treasury_account",
        2016,
        2022,
        edition="财库〔2015〕192号",
        attributes=("category", "side"),
    ),
    Table("asset_classes.csv", "asset_class", 2018, edition="GB/T 14885"),
    Table("procurement_catalogue.csv", "procurement", 2018, edition="2022年印发", attributes=("category",)),
    Table("transfer_types.csv", "transfer_type", 2018, edition=_ED24, attributes=("kind", "earmarked")),
    Table("livelihood_functions.csv", "livelihood", 2018, edition="通行口径", attributes=("counted",)),
    Table(
        "debt_risk_levels.csv",
        "debt_risk",
        2018,
        code_column="color",
        attributes=("ratio_min_pct", "min_inclusive", "ratio_max_pct", "max_inclusive"),
    ),
    Table(
        "indicator_lifecycle.csv",
        "indicator_lifecycle",
        2018,
        edition="财办〔2022〕36号",
        code_column="kind+seq",
        attributes=("kind",),
    ),
)
ECONOMIC_MAPPING = DATA / "economic_mapping.csv"
ECONOMIC_MAPPING_FROM_YEAR = 2018
