"""What of the ledger is sealed: each voucher, that is its entry with all its lines, as one leaf."""

from collections.abc import Sequence

from fisc.kernel.events.seals import AUDIT, Source

VOUCHERS = Source(
    name="voucher",
    title="凭证",
    query="""
        SELECT entry.id,
            ROW(entry.id, entry.document_id, entry.reverses_id, entry.voucher_no, entry.actor_id, entry.recorded_at,
                entry.xact_id, entry.effective_on, entry.fiscal_year, entry.kind, entry.memo)::text
            || coalesce(lines.content, '')
        FROM ledger_entry AS entry
        LEFT JOIN (
            SELECT transfer.entry_id, string_agg(
                ROW(transfer.fiscal_year, transfer.line_no, transfer.debit_account_id, transfer.credit_account_id, transfer.amount_fen,
                    transfer.recorded_at, transfer.period, transfer.effective_on, transfer.is_reversal)::text,
                '' ORDER BY transfer.line_no) AS content
            FROM ledger_transfer AS transfer
            WHERE transfer.entry_id BETWEEN
                (SELECT min(id) FROM ledger_entry WHERE xact_id >= %(start)s AND xact_id < %(end)s)
                AND (SELECT max(id) FROM ledger_entry WHERE xact_id >= %(start)s AND xact_id < %(end)s)
            GROUP BY transfer.entry_id
        ) AS lines ON lines.entry_id = entry.id
        WHERE entry.xact_id >= %(start)s AND entry.xact_id < %(end)s
    """,
)
SOURCES: Sequence[Source] = (VOUCHERS, AUDIT)
