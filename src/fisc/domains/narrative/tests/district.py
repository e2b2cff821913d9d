"""A small ledger whose figures print the seed's two paragraphs: calibrated amounts posted through the ledger's doors."""

from datetime import date

from fisc.domains.narrative.tests import seed
from fisc.kernel.metrics.tests import books
from fisc.kernel.orgs.models import Region, Unit

TAX_ITEM, NONTAX_ITEM = "1010101", "1030401"
EDUCATION, OFFICE = "2050202", "2010101"
SPRING = {2022: date(2022, 4, 8), 2023: date(2023, 4, 8)}


def open_district() -> None:
    """Charts, years, region and bureau."""
    books.open_books()
    Region.objects.create(code="339901", name="云屿区", level=Region.Level.DISTRICT)
    Unit.objects.create(code="101", name="区财政局", kind=Unit.Kind.BUREAU)


def book_seed() -> None:
    """The receipts, tasks and payments of both half-years."""
    books.book(
        books.receipt(seed.TAX, on=SPRING[2023], code=TAX_ITEM),
        books.receipt(seed.NONTAX, on=SPRING[2023], code=NONTAX_ITEM),
        books.receipt(seed.OTHER_LEVELS, on=SPRING[2023], code=TAX_ITEM, subject="4001"),
        books.receipt(seed.TAX_BEFORE, on=SPRING[2022], code=TAX_ITEM),
        books.receipt(seed.NONTAX_BEFORE, on=SPRING[2022], code=NONTAX_ITEM),
        books.receipt(seed.OTHER_LEVELS_BEFORE, on=SPRING[2022], code=TAX_ITEM, subject="4001"),
        books.task(seed.TASK_TAX, code=TAX_ITEM),
        books.task(seed.TASK_NONTAX, code=NONTAX_ITEM),
        books.task(seed.TASK_OTHER, code=TAX_ITEM, subject="8001"),
        books.payment(seed.LIVELIHOOD, on=SPRING[2023], function=EDUCATION),
        books.payment(seed.EXPENDITURE - seed.LIVELIHOOD, on=SPRING[2023], function=OFFICE),
        books.payment(seed.EXPENDITURE_BEFORE, on=SPRING[2022], function=EDUCATION),
    )
