"""Inputs and results as bytes that are the same for the same content, and their digest. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def write(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8; numbers are whole (no floats in what is frozen)."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def read(content: bytes) -> Any:
    """The value written by `write`."""
    return json.loads(content)


def digest(content: bytes) -> str:
    """SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
