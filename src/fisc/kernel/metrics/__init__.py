"""Named figures with scope, period, unit, inputs and evidence (architecture §4, mission B.0)."""
