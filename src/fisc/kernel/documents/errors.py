"""Refusals of the documents package.

When several apply, the first of this list is shown (tested): the document is not there or not visible; its state
does not allow the step; the reason is missing; the maker may not; somebody acts twice; the rules; the module.
"""

from __future__ import annotations

from fisc.base.errors import BadInput, Conflict, NotAllowed, NotFound, Refusal


class DocumentMissing(Refusal):
    """没有这张单据，或您无权查看。"""

    code = "documents.missing"


class WrongState(Refusal):
    """{kind}{number}现为“{state}”，不能{step}。"""

    code = "documents.state"


class ReasonNeeded(Refusal):
    """{step}须填写理由。"""

    code = "documents.reason"


class MakerMayNot(Refusal):
    """{kind}{number}由您制单，按不相容岗位分离的规定，不能由您{step}。"""

    code = "documents.maker"


class RuleBlocks(Refusal):
    """{kind}{number}不能{step}：{message}"""

    code = "documents.rule"


class AnswerNeeded(Refusal):
    """{kind}{number}有 {count} 条预警须先说明理由：{message}"""

    code = "documents.answer"


class StepNotPermitted(NotAllowed):
    """您没有{step}{kind}的权限。"""

    code = "documents.permission"


class NotEditable(Refusal):
    """{kind}{number}现为“{state}”，不能修改；可由审核人退回后再改。"""

    code = "documents.not_editable"


class ChangedMeanwhile(Conflict):
    """{name} {when}已修改此单，请核对后再保存。"""

    code = "documents.changed"


class UnknownField(BadInput):
    """{kind}没有可修改的栏目“{key}”。"""

    code = "documents.field"


class DocumentNotFound(NotFound):
    """没有这张单据，或您无权查看。"""

    code = "documents.not_found"
