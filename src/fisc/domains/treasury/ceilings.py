"""三公经费双控 at payment: a ceiling by item (911) and one by unit (921), held and spent along with the allotment.

Whoever sets ceilings opens accounts 911/921 in the ledger's book `ceiling`. Where the account of (year, unit, economic
item) exists, a payment takes from it too, in the same hold; an account that holds nothing is a ceiling of zero.
Where there is none, nothing is controlled. Source: 《党政机关厉行节约反对浪费条例》: 三公经费总额和分项双控.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fisc.base.errors import Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.treasury import postings
from fisc.kernel import codes, lean, ledger
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.keys import AccountKey, Line
from fisc.kernel.ledger.outcomes import Refused
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.domains.treasury.models import Paying

ITEM, TOTAL = 1, 2
"""Bits of `Paying.ceiling`: which ceilings a payment has taken from."""

Place = tuple[int, int, str]
"""Fiscal year, unit id, economic code."""

CEILING_KINDS = ("austerity.ceiling_change",)
"""Documents by which ceilings are changed, offered as the way on where their module is installed."""


class CeilingShort(Refusal):
    """{unit}{year}年{item}限额 {ceiling} 元，已用 {used} 元，在途 {held} 元，还可用 {available} 元；本次 {required} 元，\
超出 {shortfall} 元。三公经费只减不增，不得从其他科目调入；确需支出的，先压减本单位同类安排，或按程序报批调整三公限额。"""

    code = "treasury.ceiling_short"


def question(places: Iterable[Place]) -> lean.Statement:
    """The statement that asks which of these places have ceilings, to be sent along with others."""
    return ledger.existing_accounts({key for place in places for key in postings.ceiling_keys(*place)})


def bits(place: Place, found: Collection[str]) -> int:
    """Which ceilings hold for the place, by the keys that were found: none without one for the item."""
    item, total = postings.ceiling_keys(*place)
    if not found or item.text not in found:
        return 0
    return ITEM | (TOTAL if total.text in found else 0)


def charge(place: Place, ceiling: int, amount_fen: int) -> tuple[Line, ...]:
    """The lines that take a payment from its ceilings."""
    return tuple(postings.charge(key, amount_fen) for key in _keys(place, ceiling))


def give_back(place: Place, ceiling: int, amount_fen: int) -> tuple[Line, ...]:
    """The lines that give a refund back to the ceilings the payment took from."""
    return tuple(postings.uncharge(key, amount_fen) for key in _keys(place, ceiling))


def line_count(ceiling: int) -> int:
    """How many lines of a hold are ceilings."""
    return ceiling.bit_count()


def _keys(place: Place, ceiling: int) -> tuple[AccountKey, ...]:
    item, total = postings.ceiling_keys(*place)
    return tuple(key for bit, key in ((ITEM, item), (TOTAL, total)) if ceiling & bit)


@dataclass(frozen=True)
class Standing:
    """Where a ceiling stands, in 分."""

    label: str
    limit_fen: int
    used_fen: int
    held_fen: int

    @property
    def free_fen(self) -> int:
        """What may still be used."""
        return self.limit_fen - self.used_fen - self.held_fen


def standing(document: Document, row: Paying) -> list[Standing]:
    """Where the ceilings stand that a payment has taken from; one query, none where there is no ceiling."""
    keys = _keys((document.fiscal_year, document.unit_id, row.economic_code), row.ceiling)
    if not keys:
        return []
    found = ledger.balance([*keys, *map(postings.used_of, keys)])
    return [
        Standing(
            "分项" if key.economic_code else "总额",
            found[key].posted_fen + found[postings.used_of(key)].posted_fen,
            found[postings.used_of(key)].posted_fen,
            found[key].held_fen,
        )
        for key in keys
    ]


def is_ceiling(refused: Refused) -> bool:
    """Whether it was a ceiling that refused."""
    return refused.account is not None and refused.account.key.book == postings.CEILING_BOOK


def explain(refusals: Sequence[Refused], documents: Sequence[Document]) -> list[tuple[Document, Refusal]]:
    """Return the refusal of each document that a ceiling turned down, with its figures; three queries for all."""
    if not refusals:
        return []
    accounts = [refused.account for refused in refusals if refused.account]
    used = ledger.balance(postings.used_of(account.key) for account in accounts)
    units = Unit.objects.in_bulk({account.key.unit_id for account in accounts})
    names = _names(account.key for account in accounts)
    return [
        (documents[refused.index], _short(documents[refused.index], refused, used, units, names))
        for refused in refusals
        if refused.account
    ]


def _short(
    document: Document,
    refused: Refused,
    used: Mapping[AccountKey, ledger.Balance],
    units: Mapping[int, Unit],
    names: Mapping[str, str],
) -> CeilingShort:
    assert refused.account is not None
    account, key = refused.account, refused.account.key
    spent = used[postings.used_of(key)].posted_fen
    item = (
        f"“{names.get(key.economic_code, '')}”（{key.economic_code}）"
        if key.economic_code
        else "三公经费总额"
    )
    facts: dict[str, Any] = {
        "limit_fen": account.posted_fen + spent,
        "paid_fen": spent,
        "held_fen": account.held_fen,
        "available_fen": refused.available_fen or 0,
        "amount_fen": refused.required_fen or 0,
        "shortfall_fen": refused.shortfall_fen or 0,
    }
    return CeilingShort(
        ways=_ways(document, key, refused),
        unit=units[key.unit_id or 0].name,
        year=key.fiscal_year,
        item=item,
        ceiling=format_fen(facts["limit_fen"]),
        used=format_fen(spent),
        held=format_fen(account.held_fen),
        available=format_fen(facts["available_fen"]),
        required=format_fen(facts["amount_fen"]),
        shortfall=format_fen(facts["shortfall_fen"]),
        **facts,
    )


def _names(keys: Iterable[AccountKey]) -> dict[str, str]:
    by_year: dict[int, set[str]] = {}
    for key in keys:
        if key.economic_code and key.fiscal_year:
            by_year.setdefault(key.fiscal_year, set()).add(key.economic_code)
    names: dict[str, str] = {}
    for year, wanted in by_year.items():
        names |= codes.names(kind="economic_department", codes=wanted, year=year)
    return names


def _ways(document: Document, key: AccountKey, refused: Refused) -> list[Way]:
    ways = []
    if (refused.available_fen or 0) > 0:
        label = f"减少金额至 {format_fen(refused.available_fen or 0)} 元以内"
        ways.append(Way(label, "document", {"id": document.pk, "edit": True}))
    changing = next((kind for kind in kinds.installed() if kind.code in CEILING_KINDS), None)
    if changing is not None:
        initial = {"unit_id": key.unit_id, "economic_code": key.economic_code or ""}
        ways.append(Way(f"报批{changing.title}", "new_document", {"kind": changing.code, "initial": initial}))
    query = {"unit": key.unit_id}
    ways.append(Way("查看本单位支付", "list", {"kind": "treasury.payment", "query": query}))
    return ways
