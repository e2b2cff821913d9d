-- The doors to documents_document. Each opens the guard for its own duration only, so that state and amount_fen
-- change nowhere else. (A SET clause on the function would need a superuser; a failure rolls the setting back.)

CREATE OR REPLACE FUNCTION documents_create(
    p_kind text, p_prefix text, p_state text, p_maker bigint, p_at timestamptz,
    p_years int[], p_units bigint[], p_sections text[], p_titles text[], p_amounts bigint[], p_funds text[],
    p_counterparties text[], p_business date[], p_sources bigint[], p_tags text[]
) RETURNS TABLE (draft_ordinal bigint, document_id bigint, document_number text)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('fisc.documents_door', 'open', true);
    RETURN QUERY
    WITH
    -- one row per document asked for
    draft AS (
        SELECT *
        FROM unnest(
            p_years, p_units, p_sections, p_titles, p_amounts, p_funds, p_counterparties, p_business, p_sources, p_tags
        ) WITH ORDINALITY AS d (
            fiscal_year, unit_id, section_code, title, amount_fen, fund, counterparty, business_on, source_id, tags,
            ordinal
        )
    ),
    -- one row per year among them
    year_count AS (
        SELECT d.fiscal_year, count(*)::int AS wanted
        FROM draft AS d
        GROUP BY d.fiscal_year
        ORDER BY d.fiscal_year
    ),
    -- one row per counter, locked until the transaction ends: that is why numbers have no gaps
    counter AS (
        INSERT INTO documents_counter AS c (kind, fiscal_year, last_number)
        SELECT p_kind, y.fiscal_year, y.wanted
        FROM year_count AS y
        ON CONFLICT (kind, fiscal_year) DO UPDATE SET last_number = c.last_number + EXCLUDED.last_number
        RETURNING c.fiscal_year, c.last_number
    ),
    -- one row per document, with its number
    numbered AS (
        SELECT
            d.*,
            p_prefix || d.fiscal_year || '-' || lpad(
                (c.last_number - y.wanted + row_number() OVER (PARTITION BY d.fiscal_year ORDER BY d.ordinal))::text,
                6, '0'
            ) AS number
        FROM draft AS d
        JOIN year_count AS y USING (fiscal_year)
        JOIN counter AS c USING (fiscal_year)
    ),
    made AS (
        INSERT INTO documents_document (
            kind, number, fiscal_year, unit_id, section_code, state, node, title, amount_fen, fund, counterparty,
            maker_id, business_on, created_at, updated_at, version, source_id, tags
        )
        SELECT
            p_kind, n.number, n.fiscal_year, n.unit_id, coalesce(n.section_code, s.code, ''), p_state, '', n.title,
            n.amount_fen, n.fund, n.counterparty, p_maker, n.business_on, p_at, p_at, 1, n.source_id, n.tags::text[]
        FROM numbered AS n
        LEFT JOIN orgs_unit AS u ON u.id = n.unit_id
        LEFT JOIN orgs_section AS s ON s.id = u.section_id
        ORDER BY n.ordinal
        RETURNING id, documents_document.number
    )
    SELECT n.ordinal, m.id, m.number::text
    FROM made AS m
    JOIN numbered AS n ON n.number = m.number
    ORDER BY n.ordinal;
    PERFORM set_config('fisc.documents_door', '', true);
END
$$;

-- One element per document that a step has moved; a null amount stays as it is. Returns how many rows changed.
CREATE OR REPLACE FUNCTION documents_finish(
    p_ids bigint[], p_states text[], p_nodes text[], p_amounts bigint[], p_at timestamptz
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM set_config('fisc.documents_door', 'open', true);
    UPDATE documents_document AS d
    SET
        state = c.state,
        node = c.node,
        amount_fen = coalesce(c.amount_fen, d.amount_fen),
        updated_at = p_at,
        version = d.version + 1
    FROM unnest(p_ids, p_states, p_nodes, p_amounts) AS c (id, state, node, amount_fen)
    WHERE d.id = c.id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM set_config('fisc.documents_door', '', true);
    RETURN changed;
END
$$;

-- A draft is rewritten by its maker; the caller has locked the row and checked its state and version.
CREATE OR REPLACE FUNCTION documents_revise(
    p_id bigint, p_unit bigint, p_section text, p_title text, p_amount bigint, p_fund text, p_counterparty text,
    p_business_on date, p_tags text[], p_at timestamptz
) RETURNS int
LANGUAGE plpgsql
AS $$
DECLARE
    new_version int;
BEGIN
    PERFORM set_config('fisc.documents_door', 'open', true);
    UPDATE documents_document AS d
    SET
        unit_id = p_unit,
        section_code = p_section,
        title = p_title,
        amount_fen = p_amount,
        fund = p_fund,
        counterparty = p_counterparty,
        business_on = p_business_on,
        tags = p_tags,
        updated_at = p_at,
        version = d.version + 1
    WHERE d.id = p_id
    RETURNING d.version INTO new_version;
    PERFORM set_config('fisc.documents_door', '', true);
    RETURN new_version;
END
$$;

CREATE OR REPLACE FUNCTION documents_refuse_side_door() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '单据 % 已编号，不得删除，只能作废。', OLD.number
            USING ERRCODE = '23514', CONSTRAINT = 'documents_document_never_deleted',
                TABLE = 'documents_document';
    END IF;
    RAISE EXCEPTION '单据 % 的状态和金额只能经办理步骤变更。', NEW.number
        USING ERRCODE = '23514', CONSTRAINT = 'documents_document_only_by_its_doors',
            TABLE = 'documents_document';
END
$$;

-- The condition is judged without calling the function, so honest steps pay nothing for the guard.
CREATE OR REPLACE TRIGGER documents_document_state_door
BEFORE UPDATE ON documents_document
FOR EACH ROW
WHEN (
    coalesce(current_setting('fisc.documents_door', true), '') <> 'open'
    AND (
        OLD.state IS DISTINCT FROM NEW.state
        OR OLD.amount_fen IS DISTINCT FROM NEW.amount_fen
        OR OLD.number IS DISTINCT FROM NEW.number
        OR OLD.kind IS DISTINCT FROM NEW.kind
        OR OLD.fiscal_year IS DISTINCT FROM NEW.fiscal_year
        OR OLD.maker_id IS DISTINCT FROM NEW.maker_id
    )
)
EXECUTE FUNCTION documents_refuse_side_door();

CREATE OR REPLACE TRIGGER documents_document_insert_door
BEFORE INSERT ON documents_document
FOR EACH ROW
WHEN (coalesce(current_setting('fisc.documents_door', true), '') <> 'open')
EXECUTE FUNCTION documents_refuse_side_door();

CREATE OR REPLACE TRIGGER documents_document_never_deleted
BEFORE DELETE ON documents_document
FOR EACH ROW
EXECUTE FUNCTION documents_refuse_side_door();
