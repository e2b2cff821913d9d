"""What must always hold between ceilings' documents and the ledger: queries that return the rows that break it."""

from fisc.kernel.rules.spec import Invariant

OWNER = "预算股"

INVARIANTS = (
    Invariant(
        code="austerity.ceilings_equal_documents",
        title="三公额度账等于下达和调整单据之和",
        owner=OWNER,
        explain="核对该单位该项目的额度单据与凭证。",
        sql="""
            WITH document AS (
                SELECT ceiling.year AS fiscal_year, line.unit_id, line.economic_code, line.amount_fen
                FROM austerity_ceiling_line AS line
                JOIN austerity_ceiling AS ceiling ON ceiling.document_id = line.ceiling_id
                JOIN documents_document AS header ON header.id = line.ceiling_id AND header.state = 'approved'
                UNION ALL
                SELECT change.year, line.unit_id, line.economic_code, line.amount_fen
                FROM austerity_change_line AS line
                JOIN austerity_ceiling_change AS change ON change.document_id = line.change_id
                JOIN documents_document AS header ON header.id = line.change_id AND header.state = 'approved'
            ), stated AS (
                SELECT fiscal_year, unit_id, economic_code, sum(amount_fen) AS fen
                FROM document
                GROUP BY fiscal_year, unit_id, economic_code
            ), booked AS (
                SELECT account.fiscal_year, account.unit_id, coalesce(account.economic_code, '') AS economic_code,
                    sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'ceiling' AND account.subject IN ('911', '912', '921', '922')
                GROUP BY account.fiscal_year, account.unit_id, coalesce(account.economic_code, '')
            )
            SELECT fiscal_year, unit_id, economic_code, coalesce(stated.fen, 0) AS documents_fen,
                coalesce(booked.fen, 0) AS ledger_fen
            FROM stated
            FULL JOIN booked USING (fiscal_year, unit_id, economic_code)
            WHERE coalesce(stated.fen, 0) <> coalesce(booked.fen, 0)
        """,
    ),
    Invariant(
        code="austerity.total_spends_what_its_items_spend",
        title="三公总额已用数等于分项已用数之和",
        owner=OWNER,
        explain="每笔三公支付同时占用分项和总额；有差异的请核对该单位的支付凭证。",
        sql="""
            SELECT account.fiscal_year, unit.name,
                sum(balance.posted_fen) FILTER (WHERE account.subject = '912') AS items_fen,
                sum(balance.posted_fen) FILTER (WHERE account.subject = '922') AS total_fen
            FROM ledger_account AS account
            JOIN ledger_balance AS balance ON balance.account_id = account.id
            JOIN orgs_unit AS unit ON unit.id = account.unit_id
            WHERE account.book = 'ceiling' AND account.subject IN ('912', '922')
            GROUP BY account.fiscal_year, unit.name
            HAVING coalesce(sum(balance.posted_fen) FILTER (WHERE account.subject = '912'), 0)
                <> coalesce(sum(balance.posted_fen) FILTER (WHERE account.subject = '922'), 0)
        """,
    ),
)
