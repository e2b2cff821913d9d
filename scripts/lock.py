"""Write requirements.txt, requirements-dev.txt and requirements-bench.txt from what is installed in this venv.

Run after changing pyproject.toml: `pip install -e '.[dev,bench]'`, then `python scripts/lock.py`.
Each file pins the whole closure of its group, so that `pip install --no-deps -r` would do as well.
"""

import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by scripts/lock.py; do not edit by hand.\n"


def closure(requirements: list[str]) -> dict[str, str]:
    """Return name → version of the requirements and of all that they need on this platform."""
    pins: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    queue = [(Requirement(text), "") for text in requirements]
    while queue:
        requirement, extra = queue.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        pins[name] = metadata.version(name)
        for wanted in {"", *requirement.extras}:
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                queue += [(Requirement(text), wanted) for text in metadata.requires(name) or []]
    return pins


def write(path: Path, pins: dict[str, str], *, include: str | None = None) -> None:
    """Write one lock file, sorted by name."""
    lines = [HEADER, *([f"-r {include}\n"] if include else [])]
    path.write_text("".join(lines + [f"{name}=={pins[name]}\n" for name in sorted(pins)]), encoding="utf-8")


def main() -> None:
    """Write the three lock files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    # setuptools builds the editable install without network isolation
    base = closure([*project["dependencies"], "setuptools"])
    write(ROOT / "requirements.txt", base)
    for group in ("dev", "bench"):
        more = {name: pin for name, pin in closure(extras[group]).items() if name not in base}
        write(ROOT / f"requirements-{group}.txt", more, include="requirements.txt")


if __name__ == "__main__":
    main()
