"""What a file is, by its content, and whether it is safe to open. Nothing is parsed before this has looked at it.

A workbook is a ZIP of XML: declared sizes may lie, few bytes may unpack to gigabytes, one far-off cell makes a reader
allocate a table of billions. So every part is unpacked here once, counted while it comes, and kept for the readers.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Literal

import olefile

from fisc.kernel.exchange.errors import (
    Bomb,
    Broken,
    EmptyFile,
    Encrypted,
    Macros,
    TooLarge,
    UnknownEncoding,
    WrongType,
)

FileKind = Literal["xlsx", "xls", "csv"]

MAX_FILE_BYTES = 40 * 2**20
MAX_UNPACKED_BYTES = 400 * 2**20
MAX_PARTS = 2_000
_CHUNK = 2**20

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gz 压缩包"),
    (b"MZ", "程序文件"),
    (b"\x7fELF", "程序文件"),
    (b"SQLite format 3", "数据库文件"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MARKUP = re.compile(
    rb"^\s*(<\?xml|<!DOCTYPE\s+html|<html|<head|<table|<meta|<script|\{\\rtf)", re.IGNORECASE
)
_READ_PARTS = re.compile(
    r"xl/(workbook|sharedstrings|styles|worksheets/|_rels/)|\[content_types\]|_rels/\.rels", re.IGNORECASE
)


@dataclass(frozen=True)
class Opened:
    """A file that may be read: its kind; for xlsx the unpacked XML parts by name, for xls the book stream
    (part "workbook"), for csv the text."""

    kind: FileKind
    filename: str
    content: bytes
    parts: dict[str, bytes]
    text: str = ""

    def part(self, name: str) -> bytes:
        """The part of that name, whatever its case; empty when there is none."""
        wanted = name.lower()
        return next((data for key, data in self.parts.items() if key.lower() == wanted), b"")

    def repacked(self) -> bytes:
        """This function will build an archive of just the parts that were counted, so that a reader sees no others."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, data in self.parts.items():
                archive.writestr(name, data)
        return buffer.getvalue()


def open_file(*, content: bytes, filename: str) -> Opened:
    """This function will say what the file is and refuse what must not be read.

    :raises FileRefused: one of its kinds, with a sentence that says how to mend it.
    """
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge(filename=filename, size=_mib(len(content)), limit=_mib(MAX_FILE_BYTES))
    if not content.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise EmptyFile(filename=filename)
    if content.startswith(_ZIP):
        return _open_zip(content, filename)
    if content.startswith(_OLE):
        return _open_ole(content, filename)
    for signature, name in _SIGNATURES:
        if content.startswith(signature) and not _is_text(content, signature):
            raise WrongType(filename=filename, found=name)
    return _open_text(content, filename)


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MB"


def _is_text(content: bytes, signature: bytes) -> bool:
    """A csv may well begin with the letters BM or MZ; then there is no binary in its beginning."""
    return signature in (b"BM", b"MZ") and not re.search(rb"[\x00-\x08\x0e-\x1f]", content[:512])


# --- xlsx -------------------------------------------------------------------------------------------------------


def _open_zip(content: bytes, filename: str) -> Opened:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        OSError,
        EOFError,
        UnicodeDecodeError,
    ) as error:
        raise Broken(filename=filename, detail="压缩结构不完整") from error
    _refuse_other_packages(names, filename)
    parts = _unpack(archive, filename)
    opened = Opened(kind="xlsx", filename=filename, content=content, parts=parts)
    macro_type = b"macroenabled" in opened.part("[content_types].xml").lower()
    if macro_type or any(name.endswith("vbaproject.bin") for name in names):
        raise Macros(filename=filename)
    if any(b"<!DOCTYPE" in part[:4096] or b"<!ENTITY" in part[:4096] for part in parts.values()):
        raise Bomb(filename=filename, detail="含有自定义实体")
    return opened


def _refuse_other_packages(names: set[str], filename: str) -> None:
    if "xl/workbook.xml" in names:
        return
    others = (
        ("xl/workbook.bin", "Excel 二进制工作簿（xlsb）"),
        ("word/document.xml", "Word 文档"),
        ("ppt/presentation.xml", "演示文稿"),
        ("content.xml", "ODF 文档"),
    )
    for name, found in others:
        if name in names:
            raise WrongType(filename=filename, found=found)
    if "[content_types].xml" in names:
        raise Broken(filename=filename, detail="缺少工作簿内容")
    raise WrongType(filename=filename, found="压缩包")


def _unpack(archive: zipfile.ZipFile, filename: str) -> dict[str, bytes]:
    """Unpack the XML parts a reader looks at, counting what really comes out; the rest is only counted."""
    if len(archive.infolist()) > MAX_PARTS:
        raise Bomb(filename=filename, detail=f"含有 {len(archive.infolist()):,} 个部件")
    parts: dict[str, bytes] = {}
    names: set[str] = set()
    seen = 0
    for info in archive.infolist():
        if info.flag_bits & 0x1:
            raise Encrypted(filename=filename)
        name = info.filename.replace("\\", "/")
        if name.lower() in names:
            raise Broken(filename=filename, detail="有重名的部件")
        names.add(name.lower())
        keep = bool(_READ_PARTS.match(name))
        try:
            part, seen = _unpack_part(archive, info, seen=seen, keep=keep, filename=filename)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise Broken(filename=filename, detail="压缩数据校验不符") from error
        if part is not None:
            parts[name] = part
    return parts


def _unpack_part(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, seen: int, keep: bool, filename: str
) -> tuple[bytes | None, int]:
    chunks: list[bytes] = []
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            seen += len(chunk)
            if seen > MAX_UNPACKED_BYTES:
                raise Bomb(filename=filename, detail=f"超过 {MAX_UNPACKED_BYTES // 2**20} MB")
            if keep:
                chunks.append(chunk)
    return (b"".join(chunks) if keep else None), seen


# --- xls --------------------------------------------------------------------------------------------------------

# olefile parses untrusted structures with plain indexing; every slip of that means a broken container
_OLE_SLIPS = (OSError, LookupError, ValueError, AttributeError, TypeError, ArithmeticError, struct.error)


def _open_ole(content: bytes, filename: str) -> Opened:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            names = {"/".join(path).lower() for path in ole.listdir(streams=True, storages=True)}
            stream = next((name for name in ("workbook", "book") if name in names), None)
            book = ole.openstream(stream).read() if stream else b""
    except _OLE_SLIPS as error:
        raise Broken(filename=filename, detail="文档结构不完整") from error
    if "encryptedpackage" in names:
        raise Encrypted(filename=filename)
    if "worddocument" in names:
        raise WrongType(filename=filename, found="Word 文档")
    if stream is None:
        raise WrongType(filename=filename, found="其他程序的文档")
    if any("vba" in name for name in names):
        raise Macros(filename=filename)
    return Opened(kind="xls", filename=filename, content=content, parts={"workbook": book})


# --- csv --------------------------------------------------------------------------------------------------------


def _open_text(content: bytes, filename: str) -> Opened:
    if _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")[:512]):
        raise WrongType(filename=filename, found="网页或 XML 格式的文件（只是扩展名像表格）")
    text = _decode(content, filename)
    if "\x00" in text:
        raise WrongType(filename=filename, found="二进制文件")
    control = sum(1 for character in text[:4096] if ord(character) < 32 and character not in "\r\n\t\x0b\x0c")
    if control > 8:
        raise WrongType(filename=filename, found="二进制文件")
    return Opened(kind="csv", filename=filename, content=content, parts={}, text=text)


def _decode(content: bytes, filename: str) -> str:
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    marked = [encoding for mark, encoding in marks if content.startswith(mark)]
    if not marked and b"\x00" in content[:4096]:
        raise WrongType(filename=filename, found="二进制文件")
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnknownEncoding(filename=filename)
