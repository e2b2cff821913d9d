"""The page of an official document, GB/T 9704-2012: one set of measures for Word and PDF.

Type area 156 × 225 mm: 22 lines of 28 characters of 3号 (16 pt) 仿宋. Fonts are those of the users' machines; the PDF
takes Noto Serif/Sans SC unless licensed fonts are given.
"""

from __future__ import annotations

from typing import Final

MARGIN_TOP_MM: Final = 37
MARGIN_BOTTOM_MM: Final = 35
MARGIN_LEFT_MM: Final = 28
MARGIN_RIGHT_MM: Final = 26
PAGE_WIDTH_MM: Final = 210
PAGE_HEIGHT_MM: Final = 297
LINES_PER_PAGE: Final = 22
CHARACTERS_PER_LINE: Final = 28
POINTS_PER_MM: Final = 72 / 25.4

TITLE_PT: Final = 22  # 2号
BODY_PT: Final = 16  # 3号
PAGE_NUMBER_PT: Final = 14  # 4号
LINE_PT: Final = 28.95  # 225 mm / 22 lines
TITLE_LINE_PT: Final = 35

TITLE_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
HEADING_FONTS: Final = {"heading1": "黑体", "heading2": "楷体_GB2312", "heading3": "仿宋_GB2312"}
PAGE_NUMBER_FONT: Final = "宋体"

CHARACTER_PT: Final = (PAGE_WIDTH_MM - MARGIN_LEFT_MM - MARGIN_RIGHT_MM) * POINTS_PER_MM / CHARACTERS_PER_LINE
