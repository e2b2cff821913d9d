"""`make new-module NAME=…`: writes a small working module that passes the conformance tests, and switches it on.

The files are templates under `skeleton/`; a module touches one line outside its folder: the list of installed ones.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from string import Template

from fisc.base.errors import BadInput

SKELETON = Path(__file__).parent / "skeleton"
SOURCE = Path(__file__).resolve().parents[2]
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class BadModuleName(BadInput):
    """{message}"""

    code = "modules.name"


def write_module(name: str, *, title: str = "", source: Path = SOURCE) -> list[Path]:
    """This will write `domains/<name>` and add it to the installed modules; returns the files written.

    :raises BadModuleName: the name is no name, or is taken.
    """
    check_name(name, source)
    values = {
        "name": name,
        "title": title or f"{name} 模块",
        "camel": "".join(part.capitalize() for part in name.split("_")),
        "prefix": free_prefix(name, source),
    }
    written = []
    for template in sorted(SKELETON.rglob("*.txt")):
        target = source / "domains" / name / template.relative_to(SKELETON).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(template.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
        written.append(target)
    switch_on(name, source)
    return written


def check_name(name: str, source: Path) -> None:
    """:raises BadModuleName: the name is not lower case English, is a word of Python, or is taken."""
    if not NAME.fullmatch(name) or not 3 <= len(name) <= 20 or keyword.iskeyword(name):
        raise BadModuleName("模块名用 3 至 20 个小写英文字母、数字和下划线，字母开头，如 deposits。")
    taken = {
        path.name for part in ("domains", "kernel", "") for path in (source / part).iterdir() if path.is_dir()
    }
    if name in taken:
        raise BadModuleName(f"已有名为 {name} 的模块。")


def free_prefix(name: str, source: Path) -> str:
    """A number prefix of two to four capitals that no kind uses yet, from the name's own letters."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (source / "domains").rglob("*.py"))
    used = set(re.findall(r'prefix="([A-Z]+)"', text))
    letters = re.sub(r"[^A-Z]", "", name.upper())
    candidates = [
        letters[:2],
        letters[:3],
        letters[:4],
        *(f"{letters[0]}{chr(code)}" for code in range(65, 91)),
    ]
    return next(prefix for prefix in candidates if len(prefix) >= 2 and prefix not in used)


def switch_on(name: str, source: Path) -> None:
    """Add the module as the last line of the list of installed modules."""
    path = source / "project" / "installed.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n)\n", f'\n    "fisc.domains.{name}",\n)\n'), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """The command: name and, if wanted, a Chinese title."""
    if not 1 <= len(arguments) <= 2:
        print("用法：make new-module NAME=英文名", file=sys.stderr)
        return 2
    try:
        files = write_module(arguments[0], title=arguments[1] if len(arguments) == 2 else "")
    except BadModuleName as error:
        print(error.message, file=sys.stderr)
        return 1
    for file in files:
        print(file.relative_to(SOURCE.parent.parent))
    print(
        "已写好并登记。下一步：fisc migrate，再运行 pytest tests/conformance 看它是否合规，然后改成您的业务。"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
