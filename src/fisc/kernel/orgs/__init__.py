"""Region, towns, budget units, bureau sections, people, their roles, and who may see and do what.

Owns the tables ``orgs_*``. Knows nothing of documents or money: the doors above it ask
``Actor.can(permission)`` and ``Actor.sees(unit_id)`` and refuse by themselves.
"""
