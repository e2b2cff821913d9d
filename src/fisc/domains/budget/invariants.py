"""What must always hold between budget documents and the ledger: queries that return the rows that break it."""

from fisc.kernel.rules.spec import Invariant

INVARIANTS = (
    Invariant(
        code="budget.allotments_equal_documents",
        title="每条指标的账面总额等于下达、追加、追减、调剂单据之和",
        owner="预算股",
        explain="核对该指标的变动单据与凭证。",
        sql="""
            WITH change AS (
                SELECT document_id AS allotment_id, header.amount_fen AS fen
                FROM budget_allotment
                JOIN documents_document AS header ON header.id = document_id AND header.state = 'released'
                UNION ALL
                SELECT adjustment.allotment_id,
                    CASE WHEN header.kind = 'budget.cut' THEN -header.amount_fen ELSE header.amount_fen END
                FROM budget_adjustment AS adjustment
                JOIN documents_document AS header ON header.id = adjustment.document_id AND header.state = 'approved'
                UNION ALL
                SELECT line.out_allotment_id, -line.amount_fen
                FROM budget_virementline AS line
                JOIN documents_document AS header ON header.id = line.virement_id AND header.state = 'approved'
                UNION ALL
                SELECT line.in_allotment_id, line.amount_fen
                FROM budget_virementline AS line
                JOIN documents_document AS header ON header.id = line.virement_id AND header.state = 'approved'
            ), documents AS (
                SELECT allotment_id, sum(fen) AS fen
                FROM change
                JOIN documents_document AS header ON header.id = allotment_id AND header.state = 'released'
                GROUP BY allotment_id
            ), held AS (
                SELECT account.allotment_id, sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.allotment_id IS NOT NULL
                GROUP BY account.allotment_id
                HAVING sum(balance.posted_fen) <> 0
            )
            SELECT header.number, header.title, coalesce(documents.fen, 0) AS documents_fen,
                coalesce(held.fen, 0) AS ledger_fen
            FROM documents
            FULL JOIN held USING (allotment_id)
            LEFT JOIN documents_document AS header ON header.id = allotment_id
            WHERE coalesce(documents.fen, 0) <> coalesce(held.fen, 0)
        """,
    ),
    Invariant(
        code="budget.nothing_stays_on_the_way",
        title="621 总额、631 单位指标只是过路科目，余额为零",
        owner="预算股",
        explain="有余额说明有一张凭证没有走完批复或下达。",
        sql="""
            SELECT account.subject, account.fund, account.function_code, balance.posted_fen
            FROM ledger_account AS account
            JOIN ledger_balance AS balance ON balance.account_id = account.id
            WHERE account.book = 'allotment' AND account.subject IN ('621', '631') AND balance.posted_fen <> 0
        """,
    ),
    Invariant(
        code="budget.frozen_equals_documents",
        title="636 冻结余额等于未解冻的冻结单",
        owner="预算股",
        explain="核对冻结单与凭证。",
        sql="""
            WITH documents AS (
                SELECT frozen_note.allotment_id, sum(header.amount_fen) AS fen
                FROM budget_freeze AS frozen_note
                JOIN documents_document AS header ON header.id = frozen_note.document_id AND header.state = 'frozen'
                GROUP BY frozen_note.allotment_id
            ), frozen AS (
                SELECT account.allotment_id, sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.subject = '636' AND balance.posted_fen <> 0
                GROUP BY account.allotment_id
            )
            SELECT header.number, header.title, coalesce(documents.fen, 0) AS documents_fen,
                coalesce(frozen.fen, 0) AS ledger_fen
            FROM documents
            FULL JOIN frozen USING (allotment_id)
            LEFT JOIN documents_document AS header ON header.id = allotment_id
            WHERE coalesce(documents.fen, 0) <> coalesce(frozen.fen, 0)
        """,
    ),
    Invariant(
        code="budget.arranged_equals_ledger",
        title="项目已安排数等于预算指标中该项目的总额",
        owner="预算股",
        explain="项目账 821 与指标账 627 及以下各科目按项目核对。",
        sql="""
            WITH arranged AS (
                SELECT account.project_id, sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'project' AND account.subject = '821'
                GROUP BY account.project_id
            ), budget AS (
                SELECT account.project_id, sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.subject NOT IN ('601', '602', '603', '621')
                GROUP BY account.project_id
            )
            SELECT header.number, header.title, coalesce(arranged.fen, 0) AS arranged_fen,
                coalesce(budget.fen, 0) AS budget_fen
            FROM arranged
            FULL JOIN budget USING (project_id)
            LEFT JOIN documents_document AS header ON header.id = project_id
            WHERE coalesce(arranged.fen, 0) <> coalesce(budget.fen, 0)
        """,
    ),
)
