"""Tags that every template may use without loading: icons, amounts, query strings."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from fisc.base.money import UNIT_NAMES
from fisc.web import formats, icons

register = template.Library()


@register.simple_tag(name="icon")
def icon_tag(name: str, label: str = "") -> SafeString:
    """{% icon "inbox" %}: a Lucide icon, 16 px, drawn in the colour of the text."""
    return icons.icon(name, label)


@register.simple_tag(takes_context=True)
def money(context: template.Context, fen: int | None, href: str = "", key: bool = False) -> SafeString:
    """{% money fen href %}: an amount in the reader's unit."""
    look = context.get("look")
    return formats.amount(fen, unit=look.unit if look else "yuan", href=href, key=key)


@register.simple_tag
def yuan(fen: int | None, href: str = "") -> SafeString:
    """{% yuan fen href %}: an amount that is always in 元 (documents, vouchers)."""
    return formats.amount(fen, href=href, fixed=True)


@register.simple_tag(takes_context=True)
def unit_word(context: template.Context) -> SafeString:
    """{% unit_word %}: 元, 万元 or 亿元, following the switch."""
    look = context.get("look")
    return mark_safe(f"<span data-un>{UNIT_NAMES[look.unit if look else 'yuan']}</span>")


@register.filter
def when(value: Any) -> str:
    """{{ moment|when }}: 2026-11-20 15:08."""
    return formats.date_text(value)
