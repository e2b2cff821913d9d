"""The records of an old .xls (BIFF8) that the value reader does not tell: formulas, error cells, hidden rows.

Source: [MS-XLS] 2.4 Records. Only record heads and fixed fields are looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fisc.kernel.exchange.errors import Broken, Encrypted
from fisc.kernel.exchange.sheet import Formula

if TYPE_CHECKING:
    from fisc.kernel.exchange.files import Opened

_FORMULA, _BOOLERR, _ROW, _COLINFO, _BOUNDSHEET, _EOF, _FILEPASS, _DATEMODE = (
    0x0006, 0x0205, 0x0208, 0x007D, 0x0085, 0x000A, 0x002F, 0x0022,
)  # fmt: skip
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def refuse_encrypted(opened: Opened) -> None:
    """This function will refuse a book stream that is encrypted or too short to be one.

    :raises FileRefused: broken or encrypted. (A BIFF8 sheet ends at IV65536: it cannot sprawl.)
    """
    book = opened.part("workbook")
    if len(book) < 8:
        raise Broken(filename=opened.filename, detail="工作簿内容不完整")
    for kind, _ in _records(book, 0):
        if kind == _FILEPASS:
            raise Encrypted(filename=opened.filename)
        if kind == _EOF:
            return


def details(book: bytes, sheet: str) -> dict[str, Any]:
    """This function will tell formulas, error cells, hidden rows and columns of one sheet (0-based places)."""
    found: dict[str, Any] = {"formulas": {}, "errors": {}, "epoch_1904": _epoch_1904(book)}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    start = _sheet_starts(book).get(sheet)
    for kind, data in _records(book, start) if start is not None else ():
        if kind == _FORMULA and len(data) >= 14:
            row, column = struct.unpack_from("<HH", data)
            found["formulas"][row, column] = Formula(text="", cached=_is_cached(data))
            if data[12:14] == b"\xff\xff" and data[6] == 2:
                found["errors"][row, column] = _ERRORS.get(data[8], "#ERROR")
        elif kind == _BOOLERR and len(data) >= 8 and data[7] == 1:
            row, column = struct.unpack_from("<HH", data)
            found["errors"][row, column] = _ERRORS.get(data[6], "#ERROR")
        elif kind == _ROW and len(data) >= 16 and data[12] & 0x20:
            hidden_rows.add(struct.unpack_from("<H", data)[0])
        elif kind == _COLINFO and len(data) >= 10 and data[8] & 0x01:
            first, last = struct.unpack_from("<HH", data)
            hidden_columns.update(range(first, min(last, 255) + 1))
        elif kind == _EOF:
            break
    return found | {"hidden_rows": frozenset(hidden_rows), "hidden_columns": frozenset(hidden_columns)}


def _is_cached(data: bytes) -> bool:
    """A formula's result: an 8-byte number, or FFFF at its end with a type byte (3 = empty text)."""
    return not (data[12:14] == b"\xff\xff" and data[6] == 3)


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    position = start
    while position + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, position)
        yield kind, book[position + 4 : position + 4 + size]
        position += 4 + size


def _sheet_starts(book: bytes) -> dict[str, int]:
    starts: dict[str, int] = {}
    for kind, data in _records(book, 0):
        if kind == _EOF:
            break
        if kind == _BOUNDSHEET and len(data) >= 8:
            length, wide = data[6], data[7] & 1
            name = data[8 : 8 + length * (2 if wide else 1)]
            starts[name.decode("utf-16-le" if wide else "latin-1", "replace")] = struct.unpack_from(
                "<I", data
            )[0]
    return starts


def _epoch_1904(book: bytes) -> bool:
    for kind, data in _records(book, 0):
        if kind == _DATEMODE:
            return data[:1] == b"\x01"
        if kind == _EOF:
            break
    return False
