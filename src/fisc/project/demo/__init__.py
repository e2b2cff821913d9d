"""The demo district 云屿区: a seeded plan (who, what, how much) and the play that enters it.

The plan modules are pure: they draw invented units, payers, payments and receipts from one seed and scale them
to the percentages of the half-year report. ``play`` enters the plan through the product's own doors, as users
would; it never writes a ledger table.
"""
