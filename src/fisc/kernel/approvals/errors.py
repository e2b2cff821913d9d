"""Refusals of approval. Order in which they are shown: nobody's turn, not your turn, maker, twice, the target."""

from __future__ import annotations

from fisc.base.errors import BadInput, Refusal


class NoChain(Refusal):
    """{kind}还没有审批流程，请管理员先设置。"""

    code = "approvals.no_chain"


class NotYourTurn(Refusal):
    """{kind}{number}现由“{node}”办理，应由{who}审核。"""

    code = "approvals.not_your_turn"


class NobodyTwice(Refusal):
    """您已在“{node}”审核过{kind}{number}，同一人不得办理两个审批环节。"""

    code = "approvals.twice"


class AlreadyActed(Refusal):
    """“{node}”已审核{kind}{number}，不能再撤回；可请当前办理人退回。"""

    code = "approvals.already_acted"


class NotYours(Refusal):
    """{kind}{number}不是由您送审的，不能撤回。"""

    code = "approvals.not_yours"


class NoSuchNode(Refusal):
    """{kind}{number}没有可退回的环节“{node}”。"""

    code = "approvals.no_such_node"


class Incomplete(Refusal):
    """{kind}{number}审批未完成：{reason}。"""

    code = "approvals.incomplete"


class ChainError(BadInput):
    """{message}"""

    code = "approvals.chain"


class DelegationError(BadInput):
    """{message}"""

    code = "approvals.delegation"
