"""What must always hold between budget documents and the ledger: queries that return the rows that break it."""

from fisc.domains.budget.advances.invariants import ADVANCE_INVARIANTS
from fisc.domains.budget.balances.invariants import BALANCE_INVARIANTS
from fisc.domains.budget.yearend.invariants import YEAR_END_INVARIANTS
from fisc.kernel.rules.spec import Invariant

CHANGES = (
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
                UNION ALL
                SELECT line.allotment_id, -line.amount_fen
                FROM budget_idleline AS line
                JOIN documents_document AS header ON header.id = line.idle_id AND header.state = 'recovered'
                UNION ALL
                SELECT coalesce(clearing.allotment_id, advance.allotment_id), -header.amount_fen
                FROM budget_advanceclearing AS clearing
                JOIN documents_document AS header ON header.id = clearing.document_id AND header.state = 'approved'
                JOIN budget_advance AS advance ON advance.document_id = clearing.advance_id
                UNION ALL
                SELECT line.allotment_id, -line.left_fen
                FROM budget_yearendline AS line
                JOIN budget_yearend AS year_end ON year_end.document_id = line.year_end_id AND year_end.is_effective
                WHERE line.kind = 'repay' AND line.allotment_id IS NOT NULL
            ), documents AS (
                SELECT allotment_id, sum(fen) AS fen
                FROM change
                JOIN documents_document AS header ON header.id = allotment_id AND header.state = 'released'
                GROUP BY allotment_id
            ), held AS (
                SELECT account.allotment_id, sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.allotment_id IS NOT NULL AND account.subject <> '608'
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
                WHERE account.book = 'allotment' AND account.subject NOT IN
                    ('601', '602', '603', '604', '605', '608', '609', '621', '671', '672')
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
    Invariant(
        code="budget.nothing_overspent",
        title="超预算为零：每条指标、每个待分数的可用额不小于零",
        owner="预算股",
        explain="账户下限由数据库把关；出现即有人绕过记账函数，请运行 fisc verify。",
        sql="""
            SELECT account.subject, header.number, header.title, balance.posted_fen, balance.held_fen
            FROM ledger_account AS account
            JOIN ledger_balance AS balance ON balance.account_id = account.id
            LEFT JOIN documents_document AS header ON header.id = account.allotment_id
            WHERE account.book = 'allotment'
                AND account.subject IN ('621', '627', '631', '635', '636', '650', '651', '661')
                AND balance.posted_fen - balance.held_fen < 0
        """,
    ),
    Invariant(
        code="budget.replies_equal_appropriations",
        title="由批复生成并已批复的预算，其金额等于批复单的明细合计",
        owner="预算股",
        explain="核对预算批复与其来源批复单。",
        sql="""
            WITH made AS (
                SELECT header.id, header.number, header.source_id, header.amount_fen,
                    (SELECT coalesce(sum(line.amount_fen), 0) FROM budget_appropriationline AS line
                     WHERE line.appropriation_id = header.id) AS lines_fen
                FROM documents_document AS header
                WHERE header.kind = 'budget.appropriation' AND header.state = 'approved'
                    AND header.source_id IS NOT NULL
            )
            SELECT made.number, source.number AS source_number, made.amount_fen, made.lines_fen,
                source.amount_fen AS reply_fen
            FROM made
            JOIN documents_document AS source ON source.id = made.source_id AND source.kind = 'preparation.reply'
            WHERE made.amount_fen <> made.lines_fen OR made.amount_fen <> source.amount_fen
        """,
    ),
)

INVARIANTS = (*CHANGES, *BALANCE_INVARIANTS, *YEAR_END_INVARIANTS, *ADVANCE_INVARIANTS)
