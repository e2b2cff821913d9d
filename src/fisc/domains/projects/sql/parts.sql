-- The parts of a project agree with it, judged at the end of the transaction.

-- 测算明细: the lines of a year make the year's amount.
CREATE FUNCTION projects_check_estimates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_project bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.project_id ELSE NEW.project_id END;
    v_bad record;
BEGIN
    SELECT e.fiscal_year, sum(e.amount_fen) AS estimated_fen, y.amount_fen AS year_fen INTO v_bad
    FROM projects_estimateline AS e
    LEFT JOIN projects_yearamount AS y ON y.project_id = e.project_id AND y.fiscal_year = e.fiscal_year
    WHERE e.project_id = v_project
    GROUP BY e.fiscal_year, y.amount_fen
    HAVING sum(e.amount_fen) IS DISTINCT FROM y.amount_fen
    ORDER BY e.fiscal_year
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%年测算明细合计 % 分不等于当年安排 % 分。', v_bad.fiscal_year, v_bad.estimated_fen, v_bad.year_fen
            USING ERRCODE = '23514', CONSTRAINT = 'projects_estimateline_make_year', TABLE = 'projects_estimateline';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER projects_estimateline_make_year
AFTER INSERT OR UPDATE OR DELETE ON projects_estimateline
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION projects_check_estimates();

CREATE CONSTRAINT TRIGGER projects_yearamount_made_of_lines
AFTER INSERT OR UPDATE OR DELETE ON projects_yearamount
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION projects_check_estimates();

-- 资金来源: where they are given, they make the total.
CREATE FUNCTION projects_check_sources() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_project bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.project_id ELSE NEW.project_id END;
    v_sources bigint;
    v_total bigint;
BEGIN
    SELECT sum(amount_fen) INTO v_sources FROM projects_source WHERE project_id = v_project;
    SELECT amount_fen INTO v_total FROM documents_document WHERE id = v_project;
    IF v_sources IS NOT NULL AND v_sources <> v_total THEN
        RAISE EXCEPTION '资金来源合计 % 分不等于项目总额 % 分。', v_sources, v_total
            USING ERRCODE = '23514', CONSTRAINT = 'projects_source_make_total', TABLE = 'projects_source';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER projects_source_make_total
AFTER INSERT OR UPDATE OR DELETE ON projects_source
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION projects_check_sources();

-- A changed total still covers the years and equals the sources.
CREATE FUNCTION projects_check_total() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_total bigint;
    v_years bigint;
    v_sources bigint;
BEGIN
    SELECT amount_fen INTO v_total FROM documents_document WHERE id = NEW.id;
    SELECT coalesce(sum(amount_fen), 0) INTO v_years FROM projects_yearamount WHERE project_id = NEW.id;
    SELECT sum(amount_fen) INTO v_sources FROM projects_source WHERE project_id = NEW.id;
    IF v_years > v_total THEN
        RAISE EXCEPTION '项目分年安排 % 分超过项目总额 % 分。', v_years, v_total
            USING ERRCODE = '23514', CONSTRAINT = 'projects_yearamount_within_total', TABLE = 'projects_yearamount';
    END IF;
    IF v_sources IS NOT NULL AND v_sources <> v_total THEN
        RAISE EXCEPTION '资金来源合计 % 分不等于项目总额 % 分。', v_sources, v_total
            USING ERRCODE = '23514', CONSTRAINT = 'projects_source_make_total', TABLE = 'projects_source';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER projects_total_covers_parts
AFTER UPDATE OF amount_fen ON documents_document
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW
WHEN (NEW.kind = 'projects.project' AND OLD.amount_fen IS DISTINCT FROM NEW.amount_fen)
EXECUTE FUNCTION projects_check_total();

-- A whole number among a rule's parameters, in force on a day; the rules page is where it is changed.
CREATE FUNCTION projects_limit(p_rule text, p_key text, p_on date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(value ->> '$decimal', value #>> '{}')::numeric::bigint
    FROM rules_parameter
    WHERE rule_code = p_rule AND key = p_key
    ORDER BY valid_from <= p_on DESC, CASE WHEN valid_from <= p_on THEN valid_from END DESC, valid_from
    LIMIT 1
$$;
