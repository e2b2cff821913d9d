"""Columns for the database as binary arrays: built in a few passes over bytes, read without parsing.

PostgreSQL's layout: number of dimensions, whether there are NULLs (never), type of the elements; length and lower
bound; then each element with its length before it, all big-endian.
"""

import struct
import sys
from array import array
from collections.abc import Iterable
from datetime import date

from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

POSTGRES_EPOCH = date(2000, 1, 1).toordinal()
_HEADER = struct.Struct(">iiIii")


class Bigints(bytes):
    """An array of bigint in PostgreSQL's binary form."""


class Integers(bytes):
    """An array of integer in PostgreSQL's binary form."""


class Dates(bytes):
    """An array of date in PostgreSQL's binary form."""


class Texts(bytes):
    """An array of text in PostgreSQL's binary form."""


def bigints(values: Iterable[int]) -> Bigints:
    """Return an array of bigint."""
    return Bigints(_numbers(array("q", values), element_oid=20))


def integers(values: Iterable[int]) -> Integers:
    """Return an array of integer."""
    return Integers(_numbers(array("i", values), element_oid=23))


def dates(values: Iterable[date]) -> Dates:
    """Return an array of date."""
    return Dates(_numbers(array("i", map(day_number, values)), element_oid=1082))


def day_number(day: date) -> int:
    """Return a date as PostgreSQL counts it."""
    return day.toordinal() - POSTGRES_EPOCH


def texts(values: Iterable[str]) -> Texts:
    """Return an array of text."""
    packed: dict[str, bytes] = {}  # a batch repeats few texts often
    elements = []
    for value in values:
        element = packed.get(value)
        if element is None:
            content = value.encode()
            element = packed[value] = len(content).to_bytes(4, "big") + content
        elements.append(element)
    return Texts(header(len(elements), 25) + b"".join(elements))


def same_text(value: str, count: int) -> Texts:
    """Return an array of one text, many times."""
    content = value.encode()
    return Texts(header(count, 25) + (len(content).to_bytes(4, "big") + content) * count)


def same(value: int, count: int, typecode: str, element_oid: int) -> bytes:
    """Return an array of one number, many times."""
    one = _numbers(array(typecode, [value]), element_oid=element_oid)
    return header(count, element_oid) + one[_HEADER.size :] * count


def _numbers(values: "array[int]", *, element_oid: int) -> bytes:
    size = values.itemsize
    count = len(values)
    if sys.byteorder == "little":
        values.byteswap()
    content = values.tobytes()
    elements = bytearray((size.to_bytes(4, "big") + bytes(size)) * count)
    for offset in range(size):  # the n-th byte of all numbers at once
        elements[4 + offset :: 4 + size] = content[offset::size]
    return header(count, element_oid) + bytes(elements)


def header(count: int, element_oid: int) -> bytes:
    """Return what stands before the elements of an array of one dimension without NULLs."""
    return _HEADER.pack(1, 0, element_oid, count, 1) if count else struct.pack(">iiI", 0, 0, element_oid)


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> Buffer:
        return obj


def _dumper(array_oid: int) -> type[Dumper]:
    return type("ArrayDumper", (_ArrayDumper,), {"oid": array_oid})


DUMPERS = {
    Bigints: _dumper(1016),
    Integers: _dumper(1007),
    Dates: _dumper(1182),
    Texts: _dumper(1009),
}
