-- Frozen versions: written once, by preparation_freeze, and never changed, whatever door.

CREATE FUNCTION preparation_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '冻结的预算版本不能更改。'
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_frozen', TABLE = TG_TABLE_NAME;
END
$$;

-- An empty table may be truncated: there is nothing frozen in it.
CREATE FUNCTION preparation_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM preparation_version) OR EXISTS (SELECT FROM preparation_versionline) THEN
        RAISE EXCEPTION '冻结的预算版本不能清空。'
            USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_frozen', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER preparation_version_frozen BEFORE UPDATE OR DELETE ON preparation_version
FOR EACH STATEMENT EXECUTE FUNCTION preparation_refuse_change();
CREATE TRIGGER preparation_versionline_frozen BEFORE UPDATE OR DELETE ON preparation_versionline
FOR EACH STATEMENT EXECUTE FUNCTION preparation_refuse_change();
CREATE TRIGGER preparation_version_kept BEFORE TRUNCATE ON preparation_version
FOR EACH STATEMENT EXECUTE FUNCTION preparation_refuse_truncate();
CREATE TRIGGER preparation_versionline_kept BEFORE TRUNCATE ON preparation_versionline
FOR EACH STATEMENT EXECUTE FUNCTION preparation_refuse_truncate();

-- The lines are written before their head: once there is a head, nothing can be added to its version.
CREATE FUNCTION preparation_refuse_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT version_id FROM new_rows) AS n JOIN preparation_version AS v ON v.id = n.version_id
    ) THEN
        RAISE EXCEPTION '冻结的预算版本不能更改。'
            USING ERRCODE = '23514', CONSTRAINT = 'preparation_versionline_frozen', TABLE = 'preparation_versionline';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER preparation_versionline_no_additions AFTER INSERT ON preparation_versionline
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_refuse_additions();

-- The digest of a version: its cells in the order of their keys.
CREATE FUNCTION preparation_digest(p_version bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(
        concat_ws('|', unit_id, project_id, fund, function_code, economic_code, flags, guarantee_item, amount_fen),
        E'\n' ORDER BY unit_id, project_id, fund COLLATE "C", function_code COLLATE "C", economic_code COLLATE "C", flags,
            guarantee_item COLLATE "C"
    ), ''), 'UTF8')), 'hex')
    FROM preparation_versionline
    WHERE version_id = p_version
$$;

-- Freezes the amounts of a stage as the round's next version; gives the version's id.
CREATE FUNCTION preparation_freeze(p_round bigint, p_stage text, p_user bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint := nextval(pg_get_serial_sequence('preparation_version', 'id'));
    v_count integer;
    v_total bigint;
BEGIN
    IF p_stage = 'control' THEN
        INSERT INTO preparation_versionline (
            version_id, unit_id, project_id, fund, function_code, economic_code, flags, guarantee_item, amount_fen
        )
        SELECT v_id, unit_id, project_id, '', '', '', 0, '', control_fen
        FROM preparation_ceiling
        WHERE round_id = p_round;
    ELSE
        INSERT INTO preparation_versionline (
            version_id, unit_id, project_id, fund, function_code, economic_code, flags, guarantee_item, amount_fen
        )
        SELECT v_id, unit_id, project_id, fund, function_code, economic_code, flags, guarantee_item, fen
        FROM (
            SELECT l.*, CASE p_stage
                WHEN 'first' THEN first_fen
                WHEN 'review' THEN coalesce(reviewed_fen, 0)
                WHEN 'second' THEN coalesce(second_fen, 0)
                WHEN 'reply' THEN coalesce(reply_fen, 0)
            END AS fen
            FROM preparation_line AS l
            WHERE round_id = p_round
        ) AS line
        WHERE fen <> 0;
    END IF;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    SELECT coalesce(sum(amount_fen), 0) INTO v_total FROM preparation_versionline WHERE version_id = v_id;
    INSERT INTO preparation_version (id, round_id, stage, number, frozen_at, frozen_by_id, line_count, total_fen, digest)
    OVERRIDING SYSTEM VALUE
    SELECT
        v_id, p_round, p_stage, 1 + (SELECT count(*) FROM preparation_version WHERE round_id = p_round),
        p_at, p_user, v_count, v_total, preparation_digest(v_id);
    RETURN v_id;
END
$$;
