"""The document kinds of treasury, in the order of the work."""

from fisc.domains.treasury.cash_kinds import BANK_FILE, CLEARING, REFUND, STATEMENT
from fisc.domains.treasury.paying_kinds import BATCH, PAYMENT
from fisc.domains.treasury.plan_kinds import CASH_PLAN, CONTROL, PLAN_CUT
from fisc.domains.treasury.queue_kinds import OVERTAKING, QUEUE_ORDER

KINDS = (
    PAYMENT,
    BATCH,
    CASH_PLAN,
    PLAN_CUT,
    BANK_FILE,
    CLEARING,
    STATEMENT,
    REFUND,
    CONTROL,
    QUEUE_ORDER,
    OVERTAKING,
)
