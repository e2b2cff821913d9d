"""Reports put together: the product's frame and the sentences that the installed modules add to it. Pure but for reading.

An outline's parts are numbered by what is there ("一是…二是…"), and so are the headings over outlines; a heading over
an outline to which nobody adds is left out. What a module does not know stays unsaid, never invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

from fisc.domains.narrative.template import (
    Addition,
    BadTemplate,
    Block,
    Piece,
    Template,
    UnknownTemplate,
    frames,
    parse_addition,
)
from fisc.kernel.modules import registry

ORDINALS = "一二三四五六七八九十"


def templates() -> dict[str, Template]:
    """All reports of the running program, by code, with what its modules add."""
    return _assembled(sentence_files())


def sentence_files() -> tuple[Path, ...]:
    """Where the installed modules keep what they have to say."""
    return tuple(path for module in registry.current().modules for path in module.sentences)


def template(code: str) -> Template:
    """The report of that code. :raises UnknownTemplate: there is none."""
    found = templates()
    if code not in found:
        known = "、".join(f"{item.name}（{item.code}）" for item in found.values())
        raise UnknownTemplate(f"没有名为“{code}”的报告，现有：{known}。", kind=code)
    return found[code]


@cache
def _assembled(paths: tuple[Path, ...]) -> dict[str, Template]:
    additions = [parse_addition(path.read_text(encoding="utf-8"), source=str(path)) for path in paths]
    return {code: assemble(frame, additions) for code, frame in frames().items()}


def assemble(frame: Template, additions: Iterable[Addition]) -> Template:
    """This will put the sentences of the modules in their places.

    The version is the sum of all versions, so a changed sentence of any module makes another template.

    :raises BadTemplate: two slots share a name, or a sentence belongs to an outline that the report does not have.
    """
    mine = [addition for addition in additions if addition.report == frame.code]
    slots = dict(frame.slots)
    for addition in mine:
        if twice := sorted(set(slots) & set(addition.slots)):
            raise BadTemplate(f"报告 {frame.code} 中位置 {twice[0]} 定义了两次。", template=frame.code)
        slots.update(addition.slots)
    pieces = [piece for addition in mine for piece in addition.pieces]
    outlines = {block.outline for block in frame.blocks if block.outline}
    if lost := sorted({piece.outline for piece in pieces} - outlines):
        raise BadTemplate(f"报告 {frame.code} 没有名为 {lost[0]} 的段落。", template=frame.code)
    version = frame.version + sum(addition.version for addition in mine)
    return replace(frame, version=version, slots=slots, blocks=_blocks(frame.blocks, pieces))


def _blocks(blocks: Sequence[Block], pieces: Sequence[Piece]) -> tuple[Block, ...]:
    texts = {
        block.outline: outline_text([piece for piece in pieces if piece.outline == block.outline])
        for block in blocks
        if block.outline
    }
    done: list[Block] = []
    chapter = section = 0
    for block in blocks:
        if not block.outline:
            done.append(block)
            section = 0 if block.kind == "heading1" else section
        elif not texts[block.outline]:
            continue
        elif block.kind == "heading1":
            chapter, section = chapter + 1, 0
            done.append(Block(block.kind, f"{ORDINALS[chapter - 1]}、{block.text}"))
        elif block.kind == "heading2":
            section += 1
            done.append(Block(block.kind, f"（{ORDINALS[section - 1]}）{block.text}"))
        else:
            done.append(Block(block.kind, texts[block.outline]))
    return tuple(done)


def outline_text(pieces: Iterable[Piece]) -> str:
    """The parts one after the other, each its sentences in order; numbered when there are two or more."""
    ordered = sorted(pieces, key=lambda piece: (piece.part, piece.order))
    parts = [
        "".join(piece.text for piece in group) for _, group in groupby(ordered, key=lambda piece: piece.part)
    ]
    if len(parts) == 1:
        return parts[0]
    return "".join(f"{ORDINALS[number]}是{text}" for number, text in enumerate(parts))
