"""What must always hold of the typed exceptions."""

from fisc.kernel.rules.spec import Invariant

ADVANCE_INVARIANTS = (
    Invariant(
        code="budget.advances_equal_source",
        title="604、605 未清理的来源等于待清理预拨垫付（608），并等于单据减清理",
        owner="预算股",
        explain="核对预拨单、清理单与凭证。",
        sql="""
            WITH listed AS (
                SELECT header.fund, sum(header.amount_fen) AS fen
                FROM budget_advance AS advance
                JOIN documents_document AS header ON header.id = advance.document_id
                WHERE advance.released_at IS NOT NULL
                GROUP BY header.fund
            ), cleared AS (
                SELECT header.fund, sum(header.amount_fen) AS fen
                FROM budget_advanceclearing AS clearing
                JOIN documents_document AS header ON header.id = clearing.document_id AND header.state = 'approved'
                GROUP BY header.fund
            ), ended AS (
                SELECT line.fund, sum(line.left_fen) AS fen
                FROM budget_yearendline AS line
                JOIN budget_yearend AS year_end ON year_end.document_id = line.year_end_id AND year_end.is_effective
                WHERE line.kind = 'repay'
                GROUP BY line.fund
            ), booked AS (
                SELECT account.fund,
                    -sum(balance.posted_fen) FILTER (WHERE account.subject IN ('604', '605')) AS source_fen,
                    sum(balance.posted_fen) FILTER (WHERE account.subject = '608') AS open_fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.subject IN ('604', '605', '608')
                GROUP BY account.fund
            )
            SELECT fund, booked.source_fen, booked.open_fen, listed.fen AS listed_fen, cleared.fen AS cleared_fen
            FROM booked
            FULL JOIN listed USING (fund)
            LEFT JOIN cleared USING (fund)
            LEFT JOIN ended USING (fund)
            WHERE coalesce(booked.source_fen, 0) <> coalesce(booked.open_fen, 0)
                OR coalesce(booked.open_fen, 0)
                    <> coalesce(listed.fen, 0) - coalesce(cleared.fen, 0) - coalesce(ended.fen, 0)
        """,
    ),
)
