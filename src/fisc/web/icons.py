"""Lucide icons inlined as SVG, read once from the `lucide` wheel (ISC licence)."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_OPEN = (
    '<svg class="i" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round"'
)
FALLBACK = "square"


@lru_cache(maxsize=1)
def _archive() -> ZipFile:
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))


@lru_cache(maxsize=512)
def _body(name: str) -> str:
    try:
        text = _archive().read(f"{name}.svg").decode()
    except KeyError:
        return _body(FALLBACK)
    found = _BODY.search(text)
    return re.sub(r"\s*\n\s*", "", found[1]).strip() if found else ""


def exists(name: str) -> bool:
    """Whether the wheel has an icon of that name."""
    return f"{name}.svg" in _archive().NameToInfo


@lru_cache(maxsize=1024)
def icon(name: str, label: str = "") -> SafeString:
    """This will give the icon as SVG; with a `label` it speaks for itself, without one it is hidden from readers."""
    voice = f' role="img" aria-label="{escape(label)}"' if label else ' aria-hidden="true"'
    return mark_safe(f"{_OPEN}{voice}>{_body(name)}</svg>")
