"""事件与审计：what happened, kept so that nobody can change it unseen.

Owns: the audit trail, the outbox, the seals. Not: what is done about an event (subscribers do).
"""

from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.events.outbox import Event, NewEvent, deliver, emit_many, failures

__all__ = ["AuditRow", "Event", "NewEvent", "deliver", "emit_many", "failures", "record_many"]
