"""PDF by typst: our own templates and fonts, nothing from the system, PDF/A-2b for the archive."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pylopdf_fonts_zh_cn
import typst
from django.conf import settings

ARCHIVE_STANDARD: Literal["a-2b"] = "a-2b"


def typeset(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """This will set a typst template with plain data (read in the template as `json(bytes(sys.inputs.data))`).

    The same template, data and moment give the same bytes.
    """
    with tempfile.TemporaryDirectory() as folder:
        # a folder of its own as root: a template can read nothing else
        source = Path(folder) / template.name
        source.write_bytes(template.read_bytes())
        return typst.compile(
            str(source),
            root=folder,
            format="pdf",
            font_paths=list(font_folders()),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=[ARCHIVE_STANDARD],
            timestamp=int(at.timestamp()),
        )


def font_folders() -> Sequence[str]:
    """Where fonts lie: the wheel's Noto Serif/Sans SC, and the folder of licensed fonts an administrator names."""
    folders = [str(Path(pylopdf_fonts_zh_cn.__file__).parent)]
    licensed = getattr(settings, "FISC_FONT_FOLDER", None)
    return [str(licensed), *folders] if licensed else folders
