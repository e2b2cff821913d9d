"""What must always hold between treasury's documents and the ledger: queries that return the rows that break it."""

from fisc.kernel.rules.spec import Invariant

INVARIANTS = (
    Invariant(
        code="treasury.paid_equals_spent",
        title="已支付单据（扣除退款）等于指标账 661 余额，逐指标相等",
        owner="国库股",
        explain="核对该指标的支付单、退款单与凭证；差额多为未经服务写入的数据。",
        sql="""
            WITH paid AS (
                SELECT allotment_id, sum(paid_fen - refunded_fen) AS fen FROM treasury_payment GROUP BY allotment_id
                UNION ALL
                SELECT allotment_id, sum(paid_fen - refunded_fen) FROM treasury_batch GROUP BY allotment_id
            ), documents AS (
                SELECT allotment_id, sum(fen) AS fen FROM paid GROUP BY allotment_id
            ), spent AS (
                SELECT account.allotment_id, sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.subject = '661'
                GROUP BY account.allotment_id
            )
            SELECT header.number, header.title, coalesce(documents.fen, 0) AS documents_fen,
                coalesce(spent.fen, 0) AS ledger_fen
            FROM documents
            FULL JOIN spent USING (allotment_id)
            LEFT JOIN documents_document AS header ON header.id = allotment_id
            WHERE coalesce(documents.fen, 0) <> coalesce(spent.fen, 0)
        """,
    ),
    Invariant(
        code="treasury.held_equals_in_flight",
        title="指标账预占余额等于在途支付单金额，逐指标相等",
        owner="国库股",
        explain="核对该指标在途的支付单；预占由送审建立，由银行回单、退回、作废解除。",
        sql="""
            WITH flight AS (
                SELECT paying.allotment_id, sum(header.amount_fen) AS fen
                FROM (
                    SELECT document_id, allotment_id FROM treasury_payment
                    UNION ALL
                    SELECT document_id, allotment_id FROM treasury_batch
                ) AS paying
                JOIN documents_document AS header ON header.id = paying.document_id
                WHERE header.state IN ('in_review', 'approved', 'sent')
                GROUP BY paying.allotment_id
            ), held AS (
                SELECT account.allotment_id, sum(balance.held_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND balance.held_fen <> 0
                GROUP BY account.allotment_id
            )
            SELECT header.number, header.title, coalesce(flight.fen, 0) AS in_flight_fen,
                coalesce(held.fen, 0) AS held_fen
            FROM flight
            FULL JOIN held USING (allotment_id)
            LEFT JOIN documents_document AS header ON header.id = allotment_id
            WHERE coalesce(flight.fen, 0) <> coalesce(held.fen, 0)
        """,
    ),
    Invariant(
        code="treasury.booked_equals_instructions",
        title="已支付单据的金额等于其银行已付指令合计",
        owner="国库股",
        explain="核对银行回单与支付单。",
        sql="""
            SELECT header.number, header.title, paying.paid_fen, coalesce(answer.fen, 0) AS instructions_fen
            FROM (
                SELECT document_id, paid_fen FROM treasury_payment
                UNION ALL
                SELECT document_id, paid_fen FROM treasury_batch
            ) AS paying
            JOIN documents_document AS header ON header.id = paying.document_id AND header.state = 'booked'
            LEFT JOIN (
                SELECT document_id, sum(amount_fen) AS fen
                FROM treasury_instruction
                WHERE state = 'paid'
                GROUP BY document_id
            ) AS answer ON answer.document_id = paying.document_id
            WHERE paying.paid_fen <> coalesce(answer.fen, 0)
        """,
    ),
    Invariant(
        code="treasury.clearing_equals_cash",
        title="清算单合计减退款等于资金账 5001 支出流出，逐资金性质、年度相等",
        owner="国库股",
        explain="核对清算单、退款单与资金账凭证。",
        sql="""
            WITH cleared AS (
                SELECT header.fiscal_year, line.fund, sum(line.amount_fen) AS fen
                FROM treasury_clearingline AS line
                JOIN documents_document AS header ON header.id = line.clearing_id AND header.state = 'cleared'
                GROUP BY header.fiscal_year, line.fund
                UNION ALL
                SELECT header.fiscal_year, header.fund, -sum(header.amount_fen)
                FROM treasury_refund AS refund
                JOIN documents_document AS header ON header.id = refund.document_id AND header.state = 'approved'
                GROUP BY header.fiscal_year, header.fund
            ), documents AS (
                SELECT fiscal_year, fund, sum(fen) AS fen FROM cleared GROUP BY fiscal_year, fund
            ), outflow AS (
                SELECT account.fiscal_year, account.fund, sum(balance.posted_fen) AS fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'cash' AND account.subject = '5001'
                GROUP BY account.fiscal_year, account.fund
            )
            SELECT fiscal_year, fund, coalesce(documents.fen, 0) AS documents_fen,
                coalesce(outflow.fen, 0) AS ledger_fen
            FROM documents
            FULL JOIN outflow USING (fiscal_year, fund)
            WHERE coalesce(documents.fen, 0) <> coalesce(outflow.fen, 0)
        """,
    ),
    Invariant(
        code="treasury.clearing_lines_equal_instructions",
        title="清算单明细等于其所含已付指令合计",
        owner="国库股",
        explain="核对清算单与银行指令。",
        sql="""
            SELECT header.number, line.fund, line.amount_fen,
                coalesce(sum(instruction.amount_fen), 0) AS instructions_fen
            FROM treasury_clearingline AS line
            JOIN documents_document AS header ON header.id = line.clearing_id AND header.state <> 'voided'
            LEFT JOIN (
                SELECT instruction.clearing_id, paying.fund, instruction.amount_fen
                FROM treasury_instruction AS instruction
                JOIN documents_document AS paying ON paying.id = instruction.document_id
            ) AS instruction ON instruction.clearing_id = line.clearing_id AND instruction.fund = line.fund
            GROUP BY header.number, line.fund, line.amount_fen
            HAVING line.amount_fen <> coalesce(sum(instruction.amount_fen), 0)
        """,
    ),
    Invariant(
        code="treasury.nothing_over_budget",
        title="超预算为零：每条指标已支付、在途、冻结和计划之和不超过批复数，没有无指标的支付",
        owner="国库股",
        explain="数据库按分拦截，正常情况下不会出现；出现即为绕过系统写入的数据，请立即核查并报告。",
        sql="""
            WITH allotment AS (
                SELECT account.allotment_id,
                    sum(balance.posted_fen) AS approved_fen,
                    sum(balance.posted_fen) FILTER (WHERE account.subject = '661') AS paid_fen,
                    sum(balance.held_fen) AS held_fen,
                    min(balance.posted_fen - balance.held_fen) AS least_fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.allotment_id IS NOT NULL
                GROUP BY account.allotment_id
            ), paying AS (
                SELECT document_id, allotment_id, hold_id, entry_id FROM treasury_payment
                UNION ALL
                SELECT document_id, allotment_id, hold_id, entry_id FROM treasury_batch
            )
            SELECT header.number, header.title, allotment.approved_fen,
                coalesce(allotment.paid_fen, 0) + allotment.held_fen AS spent_fen
            FROM allotment
            LEFT JOIN documents_document AS header ON header.id = allotment.allotment_id
            WHERE allotment.least_fen < 0
                OR coalesce(allotment.paid_fen, 0) + allotment.held_fen > allotment.approved_fen
            UNION ALL
            SELECT header.number, header.title, 0, header.amount_fen
            FROM paying
            JOIN documents_document AS header ON header.id = paying.document_id
            LEFT JOIN allotment ON allotment.allotment_id = paying.allotment_id
            WHERE header.state IN ('in_review', 'approved', 'sent', 'booked')
                AND (allotment.allotment_id IS NULL OR (paying.hold_id IS NULL AND paying.entry_id IS NULL))
        """,
    ),
    Invariant(
        code="treasury.ceilings_equal_payments",
        title="三公限额的已用和在途等于受控支付单（扣除退款），逐单位、科目相等",
        owner="国库股",
        explain="核对该单位该科目的支付单、退款单与三公限额账。",
        sql="""
            WITH paying AS (
                SELECT document_id, economic_code, ceiling, paid_fen - refunded_fen AS paid_fen FROM treasury_payment
                UNION ALL
                SELECT document_id, economic_code, ceiling, paid_fen - refunded_fen FROM treasury_batch
            ), documents AS (
                SELECT header.fiscal_year, header.unit_id, paying.economic_code,
                    sum(paying.paid_fen) AS used_fen,
                    sum(header.amount_fen) FILTER (WHERE header.state IN ('in_review', 'approved', 'sent')) AS held_fen
                FROM paying
                JOIN documents_document AS header ON header.id = paying.document_id
                WHERE paying.ceiling & 1 <> 0
                GROUP BY header.fiscal_year, header.unit_id, paying.economic_code
            ), ceiling AS (
                SELECT account.fiscal_year, account.unit_id, account.economic_code,
                    sum(balance.posted_fen) FILTER (WHERE account.subject = '912') AS used_fen,
                    sum(balance.held_fen) FILTER (WHERE account.subject = '911') AS held_fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'ceiling' AND account.subject IN ('911', '912')
                GROUP BY account.fiscal_year, account.unit_id, account.economic_code
            )
            SELECT unit.name, fiscal_year, economic_code,
                coalesce(documents.used_fen, 0) AS documents_used_fen, coalesce(ceiling.used_fen, 0) AS used_fen,
                coalesce(documents.held_fen, 0) AS documents_held_fen, coalesce(ceiling.held_fen, 0) AS held_fen
            FROM documents
            FULL JOIN ceiling USING (fiscal_year, unit_id, economic_code)
            LEFT JOIN orgs_unit AS unit ON unit.id = unit_id
            WHERE (coalesce(documents.used_fen, 0), coalesce(documents.held_fen, 0))
                <> (coalesce(ceiling.used_fen, 0), coalesce(ceiling.held_fen, 0))
        """,
    ),
)
