"""The books: balances by subject, unit, function …, narrowed step by step down to the single lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, NotAllowed
from fisc.kernel import codes, ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger import Selection, charts, periods
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit, User
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, PageLink, Pager, Row, Tab, Table, Total, encode, link
from fisc.web.pages import values
from fisc.web.pages.vouchers import BOOKS
from fisc.web.request import Request

GROUPINGS = (
    ("subject", "科目"), ("unit_id", "单位"), ("fund", "资金性质"), ("function_code:3", "支出功能（类）"),
    ("function_code", "支出功能（项）"), ("economic_code", "部门经济分类"), ("revenue_code:5", "收入科目（款）"),
    ("revenue_code", "收入科目"), ("allotment_id", "指标"), ("project_id", "项目"),
)  # fmt: skip
BOOK_GROUPINGS = {
    "allotment": (
        "subject",
        "unit_id",
        "fund",
        "function_code:3",
        "function_code",
        "economic_code",
        "allotment_id",
        "project_id",
    ),
    "revenue": ("subject", "fund", "revenue_code:5", "revenue_code"),
    "cash": ("subject", "fund"),
    "plan": ("subject", "fund"),
    "idle": ("subject", "unit_id", "fund", "function_code:3", "project_id"),
}
YEAR_BOOKS = ("allotment", "plan", "idle")
NARROWS = (
    "subject",
    "unit_id",
    "fund",
    "function_code",
    "economic_code",
    "revenue_code",
    "allotment_id",
    "project_id",
    "fiscal_year",
    "counterparty",
)
PAGE = 100


@dataclass(frozen=True)
class BookQuery:
    """What part of a book is looked at."""

    book: str
    year: int
    month: int
    narrow: dict[str, str]

    @property
    def period(self) -> int:
        """yyyymm."""
        return self.year * 100 + self.month

    def href(self, path: str, **changes: Any) -> str:
        """An address that keeps what is chosen."""
        return f"{path}?" + encode({"book": self.book, "month": self.month, **self.narrow, **changes})


def read(request: Request) -> BookQuery:
    """This will read the address."""
    now: date = request.now.date()
    year = request.look.year or now.year
    month = request.GET.get("month", "")
    book = request.GET.get("book", "")
    return BookQuery(
        book=book if book in _books() else next(iter(_books()), "allotment"),
        year=year,
        month=int(month)
        if month.isdigit() and 1 <= int(month) <= 12
        else (now.month if year == now.year else 12),
        narrow={key: value for key in NARROWS if (value := request.GET.get(key, ""))},
    )


def _books() -> dict[str, str]:
    """The books that have a chart, in a fixed order."""
    held = {subject.book for subject in charts.all_subjects()}
    return {book: name for book, name in BOOKS.items() if book in held}


def selection(query: BookQuery, actor: Actor, *, side: Any = "net_debit") -> Selection:
    """The accounts looked at, as far as the actor may see them.

    :raises BadInput: an id in the address is none. :raises NotAllowed: the book knows no units, the actor only some.
    """
    narrow = query.narrow
    try:
        units: tuple[int, ...] = (int(narrow["unit_id"]),) if "unit_id" in narrow else ()
        numbers = {key: (int(narrow[key]),) for key in ("allotment_id", "project_id") if key in narrow}
        years = (
            (int(narrow["fiscal_year"]),)
            if "fiscal_year" in narrow
            else (query.year,)
            if query.book in YEAR_BOOKS
            else ()
        )
    except ValueError as error:
        raise BadInput("地址中的编号不对，请从账页点击进入。") from error
    if actor.unit_ids is not None:
        if query.book != "allotment":
            raise NotAllowed("这本账是全区口径，您的查看范围仅限本单位。")
        if (units and units[0] not in actor.unit_ids) or not actor.unit_ids:
            raise NotAllowed("您无权查看这个单位的账。")
        units = units or tuple(sorted(actor.unit_ids))
    return Selection(
        book=query.book,
        side=side,
        subjects=(narrow["subject"],) if "subject" in narrow else (),
        fiscal_years=years,
        unit_ids=units,
        funds=(narrow["fund"],) if "fund" in narrow else (),
        function_prefixes=(narrow["function_code"],) if "function_code" in narrow else (),
        economic_prefixes=(narrow["economic_code"],) if "economic_code" in narrow else (),
        revenue_prefixes=(narrow["revenue_code"],) if "revenue_code" in narrow else (),
        allotment_ids=numbers.get("allotment_id", ()),
        project_ids=numbers.get("project_id", ()),
        counterparties=(narrow["counterparty"],) if "counterparty" in narrow else (),
    )


def balances_page(request: Request) -> HttpResponse:
    """余额表: opening, turnovers, closing by the chosen grouping; each number leads one step further in."""
    actor = _reader(request)
    query = read(request)
    if actor.unit_ids is not None and "book" not in request.GET:
        query = BookQuery("allotment", query.year, query.month, query.narrow)
    allowed = BOOK_GROUPINGS.get(query.book, tuple(code for code, _ in GROUPINGS))
    by = request.GET.get("by", "")
    by = by if by in allowed else "subject" if "subject" not in query.narrow else allowed[1]
    chosen = {side: selection(query, actor, side=side) for side in ("net_debit", "debit", "credit")}
    january, now = query.year * 100 + 1, query.period
    asks = [
        (chosen["net_debit"], None, now - 1), (chosen["debit"], now, now), (chosen["credit"], now, now),
        (chosen["debit"], january, now), (chosen["credit"], january, now), (chosen["net_debit"], None, now),
    ]  # fmt: skip
    columns = ledger.sums(asks, group_by=(by,))
    keys = sorted({key for column in columns for (key,) in column}, key=lambda key: (key is None, str(key)))
    labels = _labels(by, [key for key in keys if key is not None], query)
    unit = request.look.unit
    rows = []
    for key in keys:
        amounts = [column.get((key,), 0) for column in columns]
        name = by.partition(":")[0]
        deeper = (
            query.href("/ledger/", **{name: key or ""})
            if key is not None and name not in query.narrow
            else ""
        )
        lines = query.href("/ledger/lines/", **({name: key} if key is not None else {}))
        cells = [Cell(link(labels.get(key, "（无）"), deeper or lines), pin=True)]
        cells += [
            Cell(formats.amount(value, unit=unit, href=lines, label=f"{labels.get(key, '')} 明细"), "n")
            for value in amounts
        ]
        rows.append(Row(tuple(cells)))
    total = Total(
        (Cell("合计", pin=True), *(Cell(formats.amount(sum(c.values()), unit=unit), "n") for c in columns)),
        "all",
    )
    heads = (
        Head(dict(GROUPINGS)[by], pin=True),
        *(
            Head(h, "amount", money=True)
            for h in ("期初余额", "本月借方", "本月贷方", "本年借方", "本年贷方", "期末余额")
        ),
    )
    context = {
        "title": "总会计账",
        "query": query,
        "tabs": [
            Tab(name, f"/ledger/?book={book}&month={query.month}", current=book == query.book)
            for book, name in _books().items()
            if actor.unit_ids is None or book == "allotment"
        ],
        "by": by,
        "groupings": [(code, label) for code, label in GROUPINGS if code in allowed],
        "months": range(1, 13),
        "narrowed": [
            (label, query.href("/ledger/", **{key: ""}) + f"&by={by}") for key, label in _narrow_labels(query)
        ],
        "table": Table(
            "余额表",
            heads,
            tuple(rows),
            (total,),
            empty=Empty("这部分账还没有发生额", "换一个月份或账套看看", "book-open"),
        ),
    }
    return render(request, "web/books.html", context)


def _reader(request: Request) -> Actor:
    actor: Actor = request.actor
    if not actor.can("ledger.view"):
        raise NotAllowed()
    return actor


def _narrow_labels(query: BookQuery) -> list[tuple[str, str]]:
    titles = {code.partition(":")[0]: label for code, label in reversed(GROUPINGS)} | {
        "fiscal_year": "年度",
        "counterparty": "对方",
    }
    found = []
    for key, value in query.narrow.items():
        by = key if key in dict(GROUPINGS) else "subject"
        typed: Any = int(value) if value.isdigit() and key.endswith("_id") else value
        label = _labels(by, [typed], query).get(typed, value) if key in dict(GROUPINGS) else value
        found.append((key, f"{titles.get(key, key)}：{label}"))
    return found


def _labels(by: str, keys: list[Any], query: BookQuery) -> dict[Any, str]:
    """What the keys of a grouping are called."""
    name = by.partition(":")[0]
    if name == "subject":
        known = {s.code: s.name for s in charts.all_subjects(query.book)}
        return {key: f"{key} {known.get(key, '')}" for key in keys}
    if name == "unit_id":
        return dict(Unit.objects.filter(pk__in=keys).values_list("pk", "name"))
    if name == "fund":
        return {key: values.FUND_NAMES.get(key, key) for key in keys}
    if name in ("allotment_id", "project_id"):
        found = Document.objects.filter(pk__in=keys).values_list("pk", "number", "title")
        return {pk: f"{number} {title}" for pk, number, title in found}
    kind = {
        "function_code": "function",
        "economic_code": "economic_department",
        "revenue_code": "revenue",
    }.get(name)
    if kind is None:
        return {key: str(key) for key in keys}
    known = codes.names(kind=kind, codes=[str(key) for key in keys], year=query.year)
    return {key: f"{key} {known.get(key, '')}" for key in keys}


def lines_page(request: Request) -> HttpResponse:
    """明细账: every line of the chosen accounts, with voucher and document."""
    actor = _reader(request)
    query = read(request)
    cursor = _read_cursor(request.GET.get("after", ""))
    last = query.period
    found = ledger.transfers_of(
        selection(query, actor),
        period_from=None if request.GET.get("all") else query.year * 100 + 1,
        period_to=last,
        limit=PAGE + 1,
        cursor=cursor,
    )
    page = found[:PAGE]
    documents = Document.objects.in_bulk([p.document_id for p in page if p.document_id])
    unit = request.look.unit
    rows = []
    for posting in page:
        document = documents.get(posting.document_id or 0)
        href = f"/ledger/entries/{posting.entry_id}/"
        debit = (
            formats.amount(posting.amount_fen, unit=unit, href=href)
            if (posting.amount_fen > 0) != bool(posting.reverses_id)
            else ""
        )
        credit = formats.amount(-posting.amount_fen, unit=unit, href=href) if not debit else ""
        cells = (
            Cell(link(f"{posting.fiscal_year}-{posting.voucher_no}", href), pin=True, css="m-no"),
            Cell(formats.date_text(posting.effective_on), css="m-state"),
            Cell(posting.memo, css="cut m-desc"),
            Cell(posting.account.subject),
            Cell(debit, "n", css="m-amt" if debit else ""),
            Cell(credit, "n", css="m-amt" if credit else ""),
            Cell(values.document_link(document) if document else ""),
            Cell(document.counterparty if document else "", css="cut m-main"),
        )
        rows.append(Row(cells))
    links = []
    if len(found) > PAGE:
        day, *rest = page[-1].cursor
        links.append(
            PageLink(
                "下一页", query.href("/ledger/lines/", after="_".join([day.isoformat(), *map(str, rest)]))
            )
        )
    heads = (
        Head("凭证", pin=True),
        Head("日期"),
        Head("摘要"),
        Head("科目"),
        Head("借方", "amount", money=True),
        Head("贷方", "amount", money=True),
        Head("单据"),
        Head("对方"),
    )
    context = {
        "title": "明细账",
        "query": query,
        "narrowed": [
            (label, query.href("/ledger/lines/", **{key: ""})) for key, label in _narrow_labels(query)
        ],
        "book_name": BOOKS.get(query.book, query.book),
        "table": Table(
            "明细账",
            heads,
            tuple(rows),
            cards=True,
            empty=Empty("没有明细", "这部分账在所选期间没有发生额", "book-open"),
        ),
        "pager": Pager(
            format_html("本页 {} 行，截至 {} 年 {} 月", len(page), query.year, query.month), tuple(links)
        ),
        "back": query.href("/ledger/"),
    }
    return render(request, "web/lines.html", context)


def _read_cursor(text: str) -> tuple[date, int, int, int] | None:
    if not text:
        return None
    try:
        day, entry, line, account = text.split("_")
        return date.fromisoformat(day), int(entry), int(line), int(account)
    except ValueError as error:
        raise BadInput("地址中的页码不对，请从第一页开始。") from error


def periods_page(request: Request) -> HttpResponse:
    """会计期间: which months are closed; closing and reopening for those who may."""
    actor = _reader(request)
    year = request.look.year or request.now.year
    states = periods.periods_of(year)
    names = dict(
        User.objects.filter(pk__in=[s.closed_by for s in states if s.closed_by]).values_list("pk", "name")
    )
    shown = [
        {
            "name": periods.name_of(state.period),
            "period": state.period,
            "is_open": state.is_open,
            "closed": f"{formats.date_text(state.closed_at)} {names.get(state.closed_by or 0, '')}"
            if state.closed_at
            else "",
        }
        for state in states
    ]
    context = {
        "title": "会计期间",
        "year": year,
        "periods": shown,
        "may_close": actor.can("ledger.close"),
        "may_reopen": actor.can("ledger.reopen"),
    }
    return render(request, "web/periods.html", context)


@require_POST
def set_period(request: Request) -> HttpResponse:
    """Close a month, or reopen it with a reason."""
    actor: Actor = request.actor
    period = int(request.POST.get("period", "0") or 0)
    act = request.POST.get("act")
    if act not in ("close", "reopen") or not actor.can(f"ledger.{act}"):
        raise NotAllowed()
    facts: dict[str, Any] = {
        "fiscal_year": period // 100,
        "period": period,
        "actor_id": actor.user_id,
        "at": request.now,
    }
    if act == "close":
        periods.close_period(**facts)
    else:
        periods.reopen_period(**facts, reason=request.POST.get("reason", ""))
    messages.success(request, f"{periods.name_of(period)}已{'结账' if act == 'close' else '反结账'}。")
    return HttpResponseRedirect("/ledger/periods/")
