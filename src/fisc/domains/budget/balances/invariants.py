"""What must always hold of the four budgets."""

from fisc.kernel.rules.spec import Invariant

BALANCE_INVARIANTS = (
    Invariant(
        code="budget.transfers_in_pairs",
        title="现行收支平衡表的调入、调出等于已批准的预算间调拨",
        owner="预算股",
        explain="批准之后又调拨的，须编报调整预算。",
        sql="""
            WITH pair AS (
                SELECT header.fiscal_year AS year, transfer.from_fund, transfer.to_fund, header.amount_fen
                FROM budget_budgettransfer AS transfer
                JOIN documents_document AS header ON header.id = transfer.document_id AND header.state = 'approved'
            ), side AS (
                SELECT year, to_fund AS fund, amount_fen AS in_fen, 0 AS out_fen FROM pair
                UNION ALL
                SELECT year, from_fund, 0, amount_fen FROM pair
            ), total AS (
                SELECT year, fund, sum(in_fen) AS in_fen, sum(out_fen) AS out_fen
                FROM side
                GROUP BY year, fund
            )
            SELECT balance.year, balance.fund, balance.transferred_in_fen, coalesce(total.in_fen, 0) AS in_fen,
                balance.transferred_out_fen, coalesce(total.out_fen, 0) AS out_fen
            FROM budget_balance AS balance
            LEFT JOIN total ON total.year = balance.year AND total.fund = balance.fund
            WHERE balance.is_current
                AND (balance.transferred_in_fen <> coalesce(total.in_fen, 0)
                    OR balance.transferred_out_fen <> coalesce(total.out_fen, 0))
        """,
    ),
    Invariant(
        code="budget.four_budgets_balance",
        title="每本现行预算收入总计等于支出总计，账簿与平衡表一致",
        owner="预算股",
        explain="核对收支平衡表与四本预算账。",
        sql="""
            WITH ledger AS (
                SELECT account.fiscal_year AS year, account.fund,
                    -sum(balance.posted_fen) FILTER (WHERE account.subject < '710') AS revenue_fen,
                    sum(balance.posted_fen) FILTER (WHERE account.subject > '710') AS expenditure_fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'plan' AND account.subject NOT IN ('700', '704', '715')
                GROUP BY account.fiscal_year, account.fund
            )
            SELECT balance.year, balance.fund, ledger.revenue_fen, ledger.expenditure_fen
            FROM budget_balance AS balance
            LEFT JOIN ledger ON ledger.year = balance.year AND ledger.fund = balance.fund
            WHERE balance.is_current
                AND coalesce(ledger.revenue_fen, 0) + balance.transferred_in_fen
                    <> coalesce(ledger.expenditure_fen, 0) + balance.transferred_out_fen
        """,
    ),
    Invariant(
        code="budget.social_insurance_stays",
        title="社会保险基金没有调出",
        owner="社保股",
        explain="社会保险基金专款专用（《社会保险法》第六十九条）。",
        sql="""
            SELECT account.fiscal_year, account.counterparty, balance.posted_fen
            FROM ledger_account AS account
            JOIN ledger_balance AS balance ON balance.account_id = account.id
            WHERE account.book = 'plan' AND account.subject = '715' AND account.fund = 'socialinsurance'
                AND balance.posted_fen <> 0
        """,
    ),
)
