-- v_standards_figure: one row is one number of an accepted 基础信息表; `staff` is all people in post.
CREATE VIEW v_standards_figure AS
SELECT
    b.document_id,
    b.year::integer AS fiscal_year,
    make_date(b.year, 1, 1) AS starts_on,
    b.unit_id,
    f.measure::text AS measure,
    f.quantity
FROM standards_base_report AS b
JOIN documents_document AS d ON d.id = b.document_id AND d.state = 'accepted'
JOIN standards_base_figure AS f ON f.report_id = b.document_id
UNION ALL
SELECT b.document_id, b.year, make_date(b.year, 1, 1), b.unit_id, 'staff', sum(f.quantity)::bigint
FROM standards_base_report AS b
JOIN documents_document AS d ON d.id = b.document_id AND d.state = 'accepted'
JOIN standards_base_figure AS f ON f.report_id = b.document_id
WHERE f.measure IN ('staff_admin', 'staff_career')
GROUP BY b.document_id, b.year, b.unit_id;

-- v_standards_rate: one row is one standard in one year; a rate counts for the months it is in force (÷ 12, half up).
CREATE VIEW v_standards_rate AS
SELECT
    r.standard_id,
    y.year AS fiscal_year,
    round(sum(r.amount_fen * m.months) / 12.0)::bigint AS standard_fen,
    (array_agg(r.least_quantity ORDER BY r.valid_from DESC))[1] AS least_quantity,
    count(*)::integer AS rates
FROM standards_rate AS r
CROSS JOIN generate_series(2000, 2099) AS y (year)
CROSS JOIN LATERAL (
    SELECT
        least(12, coalesce((extract(YEAR FROM r.valid_to)::integer - y.year) * 12 + extract(MONTH FROM r.valid_to)::integer, 12))
        - greatest(1, (extract(YEAR FROM r.valid_from)::integer - y.year) * 12 + extract(MONTH FROM r.valid_from)::integer)
        + 1 AS months
) AS m
WHERE m.months > 0
GROUP BY r.standard_id, y.year;

-- v_standards_need [published]: one row is one standard × one unit of one year, from accepted reports.
-- Vehicles count within their 编制 only. A small school (小学 + 初中 together below the least number) counts as having
-- that number; the difference goes to its larger level, once.
CREATE VIEW v_standards_need AS
WITH facts AS (
    SELECT
        f.*,
        u.unit_kind,
        bool_or(f.measure LIKE 'pupils\_%' AND f.quantity > 0) OVER unit AS is_school,
        sum(f.quantity) FILTER (WHERE f.measure IN ('pupils_primary', 'pupils_junior')) OVER unit AS compulsory,
        coalesce(max(f.quantity) FILTER (WHERE f.measure = 'vehicle_posts') OVER unit, 0) AS vehicle_posts,
        row_number() OVER (
            PARTITION BY f.document_id, f.measure IN ('pupils_primary', 'pupils_junior')
            ORDER BY f.quantity DESC, f.measure DESC
        ) AS place
    FROM v_standards_figure AS f
    JOIN orgs_unit AS u ON u.id = f.unit_id
    WINDOW unit AS (PARTITION BY f.document_id)
), counted AS (
    SELECT
        facts.*,
        s.id AS standard_id, s.code, s.category, s.economic_code, s.guarantee_item, s.level,
        CASE
            WHEN facts.measure = 'vehicles' THEN least(facts.quantity, facts.vehicle_posts)
            WHEN facts.measure IN ('pupils_primary', 'pupils_junior') AND facts.place = 1
                THEN facts.quantity + greatest(0, coalesce(r.least_quantity, 0) - facts.compulsory)
            ELSE facts.quantity
        END::bigint AS counted,
        r.standard_fen
    FROM facts
    JOIN standards_standard AS s ON s.measure = facts.measure
    JOIN v_standards_rate AS r ON r.standard_id = s.id AND r.fiscal_year = facts.fiscal_year
    WHERE facts.quantity > 0
        AND CASE s.scope
            WHEN 'administrative' THEN facts.unit_kind = 'administrative'
            WHEN 'institution' THEN facts.unit_kind = 'institution'
            WHEN 'career' THEN facts.unit_kind = 'institution' AND NOT facts.is_school
            WHEN 'school' THEN facts.is_school
            WHEN 'not_school' THEN NOT facts.is_school
            ELSE true
        END
)
SELECT
    fiscal_year,
    unit_id,
    category::text AS category,
    economic_code::text AS economic_code,
    guarantee_item::text AS guarantee_item,
    code::text AS standard_code,
    counted AS quantity,
    standard_fen,
    counted * standard_fen AS amount_fen,
    level::text AS level,
    measure,
    quantity AS reported,
    document_id,
    starts_on
FROM counted
WHERE counted > 0;

-- v_standards_pupil_raise: one row is one year: by how much 生均公用经费 of every compulsory level rose in it (普调).
CREATE VIEW v_standards_pupil_raise AS
WITH standing AS (
    SELECT y.year, s.measure, sum(r.amount_fen) AS standard_fen
    FROM generate_series((SELECT min(extract(YEAR FROM valid_from))::integer FROM standards_rate), 2099) AS y (year)
    CROSS JOIN standards_standard AS s
    JOIN standards_rate AS r ON r.standard_id = s.id
        AND r.valid_from <= make_date(y.year, 12, 31) AND (r.valid_to IS NULL OR r.valid_to >= make_date(y.year, 12, 31))
    WHERE s.measure IN ('pupils_primary', 'pupils_junior')
    GROUP BY y.year, s.measure
), raised AS (
    SELECT
        year, measure,
        standard_fen - lag(standard_fen) OVER (PARTITION BY measure ORDER BY year) AS raise_fen
    FROM standing
)
SELECT year AS fiscal_year, make_date(year, 1, 1) AS starts_on, min(raise_fen)::bigint AS raise_fen, min(raise_fen) / 100 AS raise_yuan
FROM raised
GROUP BY year
HAVING count(raise_fen) = 2;

-- v_standards_base_facts: one row is one 基础信息表, with everything a rule may look at.
CREATE VIEW v_standards_base_facts AS
WITH sums AS (
    SELECT
        f.report_id,
        count(*) AS filled,
        coalesce(sum(f.quantity) FILTER (WHERE f.measure LIKE 'pupils\_%'), 0)::bigint AS pupils,
        coalesce(sum(f.quantity) FILTER (WHERE f.measure LIKE 'registered\_%'), 0)::bigint AS registered,
        coalesce(sum(f.quantity) FILTER (
            WHERE f.measure LIKE 'pupils\_%' AND f.measure <> 'pupils_preschool'
        ), 0)::bigint AS pupils_without_preschool,
        coalesce(max(f.quantity) FILTER (WHERE f.measure = 'boarders'), 0)::bigint AS boarders,
        coalesce(max(f.quantity) FILTER (WHERE f.measure = 'vehicles'), 0)::bigint AS vehicles,
        coalesce(max(f.quantity) FILTER (WHERE f.measure = 'vehicle_posts'), 0)::bigint AS vehicle_posts,
        coalesce(sum(f.quantity) FILTER (WHERE f.measure LIKE 'staff\_%'), 0)::bigint AS staff,
        coalesce(sum(f.quantity) FILTER (WHERE f.measure LIKE 'posts\_%'), 0)::bigint AS posts
    FROM standards_base_figure AS f
    GROUP BY f.report_id
), levels AS (
    SELECT
        report_id,
        sum(greatest(0, pupils - registered))::bigint AS pupils_over,
        sum(greatest(0, registered - pupils))::bigint AS pupils_short
    FROM (
        SELECT
            report_id, split_part(measure, '_', 2) AS level,
            coalesce(sum(quantity) FILTER (WHERE measure LIKE 'pupils\_%'), 0) AS pupils,
            coalesce(sum(quantity) FILTER (WHERE measure LIKE 'registered\_%'), 0) AS registered
        FROM standards_base_figure
        WHERE measure LIKE 'pupils\_%' OR measure LIKE 'registered\_%'
        GROUP BY report_id, split_part(measure, '_', 2)
    ) AS by_level
    GROUP BY report_id
)
SELECT
    d.id AS document_id, d.number, d.state, d.unit_id, u.name::text AS unit_name, d.business_on,
    b.year::integer AS fiscal_year,
    coalesce(s.filled, 0) AS filled,
    coalesce(s.pupils, 0) AS pupils, coalesce(s.registered, 0) AS registered,
    coalesce(l.pupils_over, 0) AS pupils_over, coalesce(l.pupils_short, 0) AS pupils_short,
    coalesce(s.boarders, 0) AS boarders,
    greatest(0, coalesce(s.boarders, 0) - coalesce(s.pupils_without_preschool, 0)) AS boarders_over,
    coalesce(s.vehicles, 0) AS vehicles, coalesce(s.vehicle_posts, 0) AS vehicle_posts,
    greatest(0, coalesce(s.vehicles, 0) - coalesce(s.vehicle_posts, 0)) AS vehicles_over,
    coalesce(s.staff, 0) AS staff, coalesce(s.posts, 0) AS posts,
    greatest(0, coalesce(s.staff, 0) - coalesce(s.posts, 0)) AS staff_over
FROM standards_base_report AS b
JOIN documents_document AS d ON d.id = b.document_id
JOIN orgs_unit AS u ON u.id = d.unit_id
LEFT JOIN sums AS s ON s.report_id = b.document_id
LEFT JOIN levels AS l ON l.report_id = b.document_id;

COMMENT ON COLUMN v_standards_base_facts.unit_name IS '单位名称';
COMMENT ON COLUMN v_standards_base_facts.fiscal_year IS '预算年度';
COMMENT ON COLUMN v_standards_base_facts.filled IS '已填项数';
COMMENT ON COLUMN v_standards_base_facts.pupils IS '在校生数';
COMMENT ON COLUMN v_standards_base_facts.registered IS '学籍数';
COMMENT ON COLUMN v_standards_base_facts.pupils_over IS '超过学籍的学生数（分学段）';
COMMENT ON COLUMN v_standards_base_facts.pupils_short IS '少于学籍的学生数（分学段）';
COMMENT ON COLUMN v_standards_base_facts.boarders IS '寄宿生数';
COMMENT ON COLUMN v_standards_base_facts.boarders_over IS '超过在校生的寄宿生数';
COMMENT ON COLUMN v_standards_base_facts.vehicles IS '公车实有';
COMMENT ON COLUMN v_standards_base_facts.vehicle_posts IS '公车编制';
COMMENT ON COLUMN v_standards_base_facts.vehicles_over IS '超编车辆';
COMMENT ON COLUMN v_standards_base_facts.staff IS '在职人数';
COMMENT ON COLUMN v_standards_base_facts.posts IS '编制数';
COMMENT ON COLUMN v_standards_base_facts.staff_over IS '超编人数';
