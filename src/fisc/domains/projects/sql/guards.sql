-- The serial part of new project codes; numbers may be skipped, never used twice.
CREATE SEQUENCE projects_code_seq;

-- The parts by year stay within the project's total, judged at the end of the transaction.
CREATE FUNCTION projects_check_years() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_planned bigint;
    v_total bigint;
BEGIN
    SELECT coalesce(sum(amount_fen), 0) INTO v_planned FROM projects_yearamount WHERE project_id = NEW.project_id;
    SELECT amount_fen INTO v_total FROM documents_document WHERE id = NEW.project_id;
    IF v_planned > v_total THEN
        RAISE EXCEPTION '项目分年安排 % 分超过项目总额 % 分。', v_planned, v_total
            USING ERRCODE = '23514', CONSTRAINT = 'projects_yearamount_within_total', TABLE = 'projects_yearamount';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER projects_yearamount_within_total
AFTER INSERT OR UPDATE ON projects_yearamount
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION projects_check_years();

-- A code is given once, for life.
CREATE FUNCTION projects_keep_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '项目编码 % 一次赋予、终身不变。', OLD.code
        USING ERRCODE = '23514', CONSTRAINT = 'projects_project_code_for_life', TABLE = 'projects_project';
END
$$;

CREATE TRIGGER projects_project_code_for_life
BEFORE UPDATE ON projects_project
FOR EACH ROW
WHEN (OLD.code IS DISTINCT FROM NEW.code)
EXECUTE FUNCTION projects_keep_code();
