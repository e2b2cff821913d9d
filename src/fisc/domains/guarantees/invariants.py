"""What must always hold of 三保: queries that return the rows that break it."""

from fisc.kernel.rules.spec import Invariant

OWNER = "预算股"

INVARIANTS = (
    Invariant(
        code="guarantees.need_total_is_its_items",
        title="三保需求总数等于各项目之和",
        owner=OWNER,
        explain="单据金额与明细合计不符，请退回重新测算。",
        sql="""
            SELECT header.number, header.amount_fen, coalesce(sum(line.need_fen), 0) AS lines_fen
            FROM guarantees_need AS need
            JOIN documents_document AS header ON header.id = need.document_id
            LEFT JOIN guarantees_need_line AS line ON line.need_id = need.document_id
            WHERE header.state IN ('approved', 'replaced')
            GROUP BY header.number, header.amount_fen
            HAVING header.amount_fen <> coalesce(sum(line.need_fen), 0)
        """,
    ),
    Invariant(
        code="guarantees.items_add_up",
        title="三保各项需求、安排、支出之和等于总数",
        owner=OWNER,
        explain="有需求或安排落在清单以外的项目上；请核对清单版本与需求明细。",
        sql="""
            WITH by_item AS (
                SELECT fiscal_year, sum(need_fen) AS need_fen, sum(arranged_fen) AS arranged_fen,
                    sum(executed_fen) AS executed_fen
                FROM v_guarantees_position
                GROUP BY fiscal_year
            ), headline AS (
                SELECT year AS fiscal_year, header.amount_fen
                FROM guarantees_need AS need
                JOIN documents_document AS header ON header.id = need.document_id
                WHERE need.is_in_force
            ), arranged AS (
                SELECT fiscal_year, sum(arranged_fen) AS arranged_fen, sum(executed_fen) AS executed_fen
                FROM v_guarantees_arranged
                GROUP BY fiscal_year
            )
            SELECT fiscal_year, by_item.need_fen, headline.amount_fen AS need_total_fen, by_item.arranged_fen,
                arranged.arranged_fen AS arranged_total_fen
            FROM by_item
            LEFT JOIN headline USING (fiscal_year)
            LEFT JOIN arranged USING (fiscal_year)
            WHERE coalesce(by_item.need_fen, 0) <> coalesce(headline.amount_fen, 0)
                OR coalesce(by_item.arranged_fen, 0) <> coalesce(arranged.arranged_fen, 0)
                OR coalesce(by_item.executed_fen, 0) <> coalesce(arranged.executed_fen, 0)
        """,
    ),
    Invariant(
        code="guarantees.in_force_is_approved",
        title="现行的三保需求是已批准的",
        owner=OWNER,
        explain="现行标记与单据状态不一致，请重新批准。",
        sql="""
            SELECT header.number, header.state
            FROM guarantees_need AS need
            JOIN documents_document AS header ON header.id = need.document_id
            WHERE need.is_in_force <> (header.state = 'approved')
        """,
    ),
)
