"""What can be wrong with a rule as somebody wrote it."""

from __future__ import annotations

from fisc.base.errors import BadInput, NotFound, Refusal


class ConditionError(BadInput):
    """{message}"""

    code = "rules.condition"

    def __init__(
        self, message: str, *, text: str = "", start: int | None = None, end: int | None = None
    ) -> None:
        """Take the sentence and where in the text the fault is (0-based, end exclusive)."""
        self.text, self.start, self.end = text, start, end
        place = (
            f"（第 {start + 1} 个字起：“{text[start:end]}”）" if start is not None and end is not None else ""
        )
        super().__init__(message + place, text=text, start=start, end=end)


class RuleFileError(BadInput):
    """{message}"""

    code = "rules.file"


class RuleNotFound(NotFound):
    """没有编号为 {rule} 的规则。"""

    code = "rules.not_found"


class FindingNotFound(NotFound):
    """没有这条疑点，或您无权查看。"""

    code = "rules.finding_not_found"


class AnswerEmpty(Refusal):
    """请写明理由，至少 {least} 个字。"""

    code = "rules.answer_empty"


class AlreadyJudged(Refusal):
    """这条疑点已复核为“{judgement}”。"""

    code = "rules.already_judged"
