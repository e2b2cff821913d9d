"""Files in and out: staging, cell-level problems, one-transaction imports with undo, bank messages.

Declare an import with `fisc.kernel.exchange.spec.ImportSpec`; run it with `fisc.kernel.exchange.service`.
"""
