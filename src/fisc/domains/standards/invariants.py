"""What must always hold: accepted reports are whole, standards have no hole, small schools have their least number."""

from fisc.kernel.rules.spec import Invariant

OWNER = "基础信息"

INVARIANTS = (
    Invariant(
        code="standards.report_is_of_its_unit",
        title="基础信息表的单位、年度与单据一致",
        owner=OWNER,
        sql="""
SELECT d.number, d.unit_id, b.unit_id AS report_unit_id, d.fiscal_year, b.year
FROM standards_base_report AS b
JOIN documents_document AS d ON d.id = b.document_id
WHERE d.unit_id <> b.unit_id OR d.fiscal_year <> b.year
""",
        explain="单据抬头与基础信息表的单位或年度不同，请作废后重新填报。",
    ),
    Invariant(
        code="standards.one_need_a_standard",
        title="每个单位每条标准只算一次",
        owner=OWNER,
        sql="""
SELECT fiscal_year, unit_id, standard_code, count(*) AS lines
FROM v_standards_need
GROUP BY fiscal_year, unit_id, standard_code
HAVING count(*) > 1
""",
        explain="同一单位同一标准出现两行，请核对是否有两份现行的基础信息表。",
    ),
    Invariant(
        code="standards.need_is_product",
        title="需求等于标准乘数量，且与填报数一致",
        owner=OWNER,
        sql="""
SELECT n.fiscal_year, n.unit_id, n.standard_code, n.quantity, n.reported, n.standard_fen, n.amount_fen
FROM v_standards_need AS n
WHERE n.amount_fen <> n.quantity * n.standard_fen
    OR (n.measure = 'vehicles' AND n.quantity > n.reported)
    OR (n.measure NOT IN ('vehicles', 'pupils_primary', 'pupils_junior') AND n.quantity <> n.reported)
    OR (n.measure IN ('pupils_primary', 'pupils_junior') AND n.quantity < n.reported)
""",
        explain="测算数量只在两种情况下与填报数不同：公车按编制内计算，规模较小学校按规定人数计算。",
    ),
    Invariant(
        code="standards.rates_without_gap",
        title="支出标准的执行日期首尾相接",
        owner=OWNER,
        sql="""
SELECT s.code, r.valid_to, (SELECT min(x.valid_from) FROM standards_rate AS x
    WHERE x.standard_id = r.standard_id AND x.valid_from > r.valid_to) AS next_from
FROM standards_rate AS r
JOIN standards_standard AS s ON s.id = r.standard_id
WHERE r.valid_to IS NOT NULL AND EXISTS (
    SELECT 1 FROM standards_rate AS x WHERE x.standard_id = r.standard_id AND x.valid_from > r.valid_to
) AND NOT EXISTS (
    SELECT 1 FROM standards_rate AS x WHERE x.standard_id = r.standard_id AND x.valid_from = r.valid_to + 1
)
""",
        explain="前一标准止于某日，后一标准没有从次日开始。",
    ),
)
