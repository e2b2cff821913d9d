"""What may be attached: judged by name, size and content before a byte is kept.

Refused are programs and scripts, Office files with macros, encrypted and nested archives, archives that unpack to far
more than they are, PDF files that run something, and files whose content is not what their name says.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

from fisc.base.errors import BadInput
from fisc.base.text import clean

MAX_BYTES = 20 * 2**20
MAX_UNPACKED_BYTES = 200 * 2**20
MAX_RATIO = 200
MAX_MEMBERS = 5_000

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04",)
TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "ofd": ("application/ofd", ZIP),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "tif": ("image/tiff", (b"II*\x00", b"MM\x00*")),
    "bmp": ("image/bmp", (b"BM",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIP),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ZIP),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ZIP),
    "doc": ("application/msword", (OLE,)),
    "xls": ("application/vnd.ms-excel", (OLE,)),
    "wps": ("application/vnd.ms-works", (OLE,)),
    "et": ("application/vnd.ms-excel", (OLE,)),
    "csv": ("text/csv", ()),
    "txt": ("text/plain", ()),
    "xml": ("application/xml", ()),
    "zip": ("application/zip", ZIP),
}
PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
PROGRAM_NAMES = {
    "exe", "dll", "com", "bat", "cmd", "ps1", "vbs", "js", "jse", "wsf", "scr", "msi", "jar", "sh", "py", "lnk", "hta",
    "docm", "xlsm", "xlsb", "pptm", "dotm", "xltm", "html", "htm", "svg", "iso", "chm", "reg",
}  # fmt: skip
ARCHIVES = {"zip", "rar", "7z", "gz", "bz2", "xz", "tar", "cab"}
MACROS_IN_OLE = ("_VBA_PROJECT".encode("utf-16-le"), "Macros".encode("utf-16-le"), b"Attribut\x00e VB_")
PDF_ACTIONS = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/EmbeddedFile", b"/RichMedia")


class FileRefused(BadInput):
    """附件“{filename}”不能上传：{reason}"""

    code = "documents.file"


def check_file(filename: str, content: bytes) -> tuple[str, str]:
    """This will judge a file and return its cleaned name and content type.

    :raises FileRefused: with the reason.
    """
    name = safe_name(filename)
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    try:
        _check_size(content)
        _check_suffix(suffix)
        _check_signature(suffix, content)
        _check_inside(suffix, content)
    except _Reason as reason:
        raise FileRefused(filename=name, reason=str(reason)) from None
    return name, TYPES[suffix][0]


def safe_name(filename: str) -> str:
    """The last part of a file name, without path, control or direction characters, at most 200 characters."""
    last = PurePosixPath(filename.replace("\\", "/")).name
    plain = "".join(
        sign for sign in last if sign.isprintable() and sign not in '<>:"|?*\u202a\u202b\u202c\u202d\u202e'
    )
    name = clean(plain).strip(". ") or "附件"
    stem, dot, suffix = name.rpartition(".")
    return name if len(name) <= 200 else f"{stem[: 199 - len(suffix)]}{dot}{suffix}"


class _Reason(Exception):
    pass


def _check_size(content: bytes) -> None:
    if not content:
        raise _Reason("文件是空的。")
    if len(content) > MAX_BYTES:
        raise _Reason(f"超过 {MAX_BYTES // 2**20} MB。")


def _check_suffix(suffix: str) -> None:
    if suffix in PROGRAM_NAMES:
        raise _Reason("程序、脚本、网页和带宏的文件不得作为附件。")
    if suffix not in TYPES:
        raise _Reason(f"不接受 .{suffix or '（无扩展名）'} 文件；可上传 {'、'.join(sorted(TYPES))}。")


def _check_signature(suffix: str, content: bytes) -> None:
    if content.startswith(PROGRAMS):
        raise _Reason("内容是程序或脚本。")
    signatures = TYPES[suffix][1]
    if signatures and not content.startswith(signatures):
        raise _Reason(f"内容不是 {suffix} 格式，请核对文件。")
    if not signatures and not _is_text(content):
        raise _Reason("内容不是文字。")


def _is_text(content: bytes) -> bool:
    if b"\x00" in content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "<script" not in text.lower()
    return False


def _check_inside(suffix: str, content: bytes) -> None:
    if content.startswith(OLE) and any(mark in content for mark in MACROS_IN_OLE):
        raise _Reason("文件带有宏，请另存为不带宏的格式。")
    if suffix == "pdf" and any(mark in content for mark in PDF_ACTIONS):
        raise _Reason("PDF 带有脚本或嵌入文件，请打印为普通 PDF 后再传。")
    if content.startswith(ZIP):
        _check_archive(suffix, content)


def _check_archive(suffix: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(suffix, members, len(content))
            _check_expansion(archive, members, len(content))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise _Reason("文件已损坏，打不开。") from error
    except RuntimeError as error:
        raise _Reason("文件设有密码，无法检查。") from error


def _check_members(suffix: str, members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise _Reason("压缩文件内的文件过多。")
    names = [member.filename.replace("\\", "/").lower() for member in members]
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise _Reason("文件带有宏，请另存为不带宏的格式。")
    if suffix in ("docx", "xlsx", "pptx") and "[content_types].xml" not in names:
        raise _Reason(f"内容不是 {suffix} 格式，请核对文件。")
    if suffix == "ofd" and "ofd.xml" not in names:
        raise _Reason("内容不是 OFD 版式文件。")
    if any(member.flag_bits & 0x1 for member in members):
        raise _Reason("文件设有密码，无法检查。")
    for name in names:
        inner = name.rpartition(".")[2] if "." in name else ""
        if name.startswith("/") or ".." in name.split("/"):
            raise _Reason("压缩文件内有越出目录的路径。")
        if inner in PROGRAM_NAMES and not (suffix != "zip" and inner in ("html", "htm", "svg", "js")):
            raise _Reason("压缩文件内有程序或脚本。")
        if inner in ARCHIVES:
            raise _Reason("压缩文件里还有压缩文件，请解开后再传。")
    declared = sum(member.file_size for member in members)
    if declared > MAX_UNPACKED_BYTES or declared > MAX_RATIO * max(size, 1):
        raise _Reason("解开后的大小异常，疑为压缩炸弹。")


def _check_expansion(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int) -> None:
    """Declared sizes may lie: count what really comes out, and stop at the limit."""
    limit = min(MAX_UNPACKED_BYTES, MAX_RATIO * max(size, 1))
    total = 0
    for member in members:
        with archive.open(member) as stream:
            first = True
            while chunk := stream.read(1 << 20):
                if first and chunk.startswith((b"MZ", b"\x7fELF")):
                    raise _Reason("压缩文件内有程序。")
                first = False
                total += len(chunk)
                if total > limit:
                    raise _Reason("解开后的大小异常，疑为压缩炸弹。")
