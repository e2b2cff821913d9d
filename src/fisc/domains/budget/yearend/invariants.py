"""What must always hold once a year has ended."""

from fisc.kernel.rules.spec import Invariant

YEAR_END_INVARIANTS = (
    Invariant(
        code="budget.ended_years_are_empty",
        title="年终处理后，该年 627、631、635、636、650、651 余额为零",
        owner="预算股",
        explain="年终处理生效后该年又有指标变动，请冲销该变动。",
        sql="""
            SELECT account.fiscal_year, account.subject, header.number, header.title, balance.posted_fen
            FROM budget_yearend AS year_end
            JOIN ledger_account AS account ON account.fiscal_year = year_end.year
            JOIN ledger_balance AS balance ON balance.account_id = account.id
            LEFT JOIN documents_document AS header ON header.id = account.allotment_id
            WHERE year_end.is_effective AND account.book = 'allotment'
                AND account.subject IN ('627', '631', '635', '636', '650', '651') AND balance.posted_fen <> 0
        """,
    ),
    Invariant(
        code="budget.left_is_carried_or_taken",
        title="年终结余合计等于结转、收回、退回合计，并与账面 671、672 一致",
        owner="预算股",
        explain="核对年终处理单与其凭证。",
        sql="""
            WITH listed AS (
                SELECT year_end.year,
                    sum(line.left_fen) FILTER (WHERE line.kind IN ('carry', 'carry_upper')) AS carried_fen,
                    sum(line.left_fen) FILTER (WHERE line.kind IN ('recover', 'reclaim')) AS taken_fen
                FROM budget_yearend AS year_end
                JOIN budget_yearendline AS line ON line.year_end_id = year_end.document_id
                WHERE year_end.is_effective
                GROUP BY year_end.year
            ), booked AS (
                SELECT account.fiscal_year AS year,
                    sum(balance.posted_fen) FILTER (WHERE account.subject = '671') AS carried_fen,
                    sum(balance.posted_fen) FILTER (WHERE account.subject = '672') AS taken_fen
                FROM ledger_account AS account
                JOIN ledger_balance AS balance ON balance.account_id = account.id
                WHERE account.book = 'allotment' AND account.subject IN ('671', '672')
                GROUP BY account.fiscal_year
            )
            SELECT year, listed.carried_fen, booked.carried_fen AS booked_carried_fen, listed.taken_fen,
                booked.taken_fen AS booked_taken_fen
            FROM listed
            FULL JOIN booked USING (year)
            WHERE coalesce(listed.carried_fen, 0) <> coalesce(booked.carried_fen, 0)
                OR coalesce(listed.taken_fen, 0) <> coalesce(booked.taken_fen, 0)
        """,
    ),
    Invariant(
        code="budget.carried_keeps_purpose",
        title="结转指标与原指标的单位、项目、科目、标识、首次安排年度一致，金额等于结余",
        owner="预算股",
        explain="上级专款、直达、债券资金结转不得改变用途。",
        sql="""
            SELECT header.number, header.title, header.amount_fen, line.left_fen
            FROM budget_yearendline AS line
            JOIN budget_yearend AS year_end ON year_end.document_id = line.year_end_id AND year_end.is_effective
            JOIN budget_allotment AS made ON made.document_id = line.carried_id
            JOIN documents_document AS header ON header.id = made.document_id
            JOIN budget_allotment AS old ON old.document_id = line.allotment_id
            WHERE header.amount_fen <> line.left_fen OR header.unit_id <> line.unit_id
                OR made.first_year <> line.first_year OR made.carried_from_id <> line.allotment_id
                OR (made.project_id, made.fund, made.function_code, made.economic_code, made.flags)
                    IS DISTINCT FROM (old.project_id, old.fund, old.function_code, old.economic_code, old.flags)
        """,
    ),
)
