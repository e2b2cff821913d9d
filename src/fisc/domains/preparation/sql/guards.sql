-- What a statement may do to the lines of a round, judged by how far the round is frozen (preparation_round.closed_stages):
-- 1 一上 is closed, 2 the review is closed, 3 二上 is closed, 4 replied. All triggers are per statement: a save of many
-- cells is one look.

CREATE FUNCTION preparation_refuse_closed(p_round bigint, p_constraint text, p_what text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%已经结束并冻结，不能再改。', p_what
        USING ERRCODE = '23514', CONSTRAINT = p_constraint, TABLE = 'preparation_line', DETAIL = p_round::text;
END
$$;

CREATE FUNCTION preparation_guard_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_round bigint;
BEGIN
    SELECT n.round_id INTO v_round
    FROM new_rows AS n
    JOIN preparation_round AS r ON r.document_id = n.round_id
    WHERE
        (r.closed_stages >= 1 AND n.first_fen <> 0)
        OR (r.closed_stages >= 2 AND n.reviewed_fen IS NOT NULL)
        OR r.closed_stages >= 3
    LIMIT 1;
    IF v_round IS NOT NULL THEN
        PERFORM preparation_refuse_closed(v_round, 'preparation_line_stage_closed', '这一申报阶段');
    END IF;
    RETURN NULL;
END
$$;

-- Old and new rows are compared as sets: a join of the two would be planned once, for the few rows of the first statement.
CREATE FUNCTION preparation_guard_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_closed integer;
    v_round bigint;
BEGIN
    SELECT max(r.closed_stages) INTO v_closed
    FROM preparation_round AS r
    WHERE r.closed_stages >= 1 AND r.document_id IN (SELECT round_id FROM new_rows UNION SELECT round_id FROM old_rows);
    IF v_closed IS NULL THEN
        RETURN NULL;
    END IF;

    SELECT changed.round_id INTO v_round
    FROM (
        SELECT id, round_id, unit_id, project_id, fund, function_code, economic_code, flags, nature, category,
               guarantee_item, first_fen
        FROM new_rows
        EXCEPT
        SELECT id, round_id, unit_id, project_id, fund, function_code, economic_code, flags, nature, category,
               guarantee_item, first_fen
        FROM old_rows
    ) AS changed
    JOIN preparation_round AS r ON r.document_id = changed.round_id AND r.closed_stages >= 1
    LIMIT 1;
    IF v_round IS NOT NULL THEN
        PERFORM preparation_refuse_closed(v_round, 'preparation_line_stage_closed', '一上');
    END IF;
    IF v_closed < 2 THEN
        RETURN NULL;
    END IF;

    SELECT changed.round_id INTO v_round
    FROM (
        SELECT id, round_id, reviewed_fen FROM new_rows EXCEPT SELECT id, round_id, reviewed_fen FROM old_rows
    ) AS changed
    JOIN preparation_round AS r ON r.document_id = changed.round_id AND r.closed_stages >= 2
    LIMIT 1;
    IF v_round IS NOT NULL THEN
        PERFORM preparation_refuse_closed(v_round, 'preparation_line_stage_closed', '审核');
    END IF;
    IF v_closed < 3 THEN
        RETURN NULL;
    END IF;

    SELECT changed.round_id INTO v_round
    FROM (
        SELECT id, round_id, second_fen FROM new_rows EXCEPT SELECT id, round_id, second_fen FROM old_rows
    ) AS changed
    JOIN preparation_round AS r ON r.document_id = changed.round_id AND r.closed_stages >= 3
    LIMIT 1;
    IF v_round IS NOT NULL THEN
        PERFORM preparation_refuse_closed(v_round, 'preparation_line_stage_closed', '二上');
    END IF;
    IF v_closed < 4 THEN
        RETURN NULL;
    END IF;

    SELECT changed.round_id INTO v_round
    FROM (
        SELECT id, round_id, reply_fen FROM new_rows EXCEPT SELECT id, round_id, reply_fen FROM old_rows
    ) AS changed
    JOIN preparation_round AS r ON r.document_id = changed.round_id AND r.closed_stages >= 4
    LIMIT 1;
    IF v_round IS NOT NULL THEN
        PERFORM preparation_refuse_closed(v_round, 'preparation_line_stage_closed', '批复');
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION preparation_guard_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_round bigint;
BEGIN
    SELECT o.round_id INTO v_round
    FROM old_rows AS o
    JOIN preparation_round AS r ON r.document_id = o.round_id
    WHERE r.closed_stages >= 1 AND (o.first_fen <> 0 OR r.closed_stages >= 3)
    LIMIT 1;
    IF v_round IS NOT NULL THEN
        PERFORM preparation_refuse_closed(v_round, 'preparation_line_stage_closed', '这一申报阶段');
    END IF;
    RETURN NULL;
END
$$;

-- 二上 within 一下 by unit and project. The ceiling's row is locked first, in id order, so that two people who edit the
-- same project at the same time are judged one after the other.
-- The statements are planned anew for the size of the arrays (EXECUTE): a save of one cell and a whole district differ.
CREATE FUNCTION preparation_add_second(p_rounds bigint[], p_units bigint[], p_projects bigint[], p_fens bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_bad jsonb;
BEGIN
    EXECUTE $sql$
        SELECT count(*) FROM (
            SELECT 1
            FROM preparation_ceiling AS c
            JOIN unnest($1, $2, $3) AS d (round_id, unit_id, project_id) USING (round_id, unit_id, project_id)
            ORDER BY c.id
            FOR UPDATE OF c
        ) AS locked
    $sql$ USING p_rounds, p_units, p_projects;

    EXECUTE $sql$
        SELECT jsonb_agg(to_jsonb(bad))
        FROM (
            SELECT
                d.unit_id,
                d.project_id,
                coalesce(c.control_fen, 0) AS control_fen,
                coalesce(c.second_fen, 0) + d.fen AS second_fen
            FROM unnest($1, $2, $3, $4) AS d (round_id, unit_id, project_id, fen)
            LEFT JOIN preparation_ceiling AS c USING (round_id, unit_id, project_id)
            WHERE coalesce(c.second_fen, 0) + d.fen > coalesce(c.control_fen, 0) AND d.fen > 0
            ORDER BY d.unit_id, d.project_id
            LIMIT 20
        ) AS bad
    $sql$ INTO v_bad USING p_rounds, p_units, p_projects, p_fens;
    IF v_bad IS NOT NULL THEN
        RAISE EXCEPTION '二上合计 % 分超过下达的控制数 % 分。', v_bad -> 0 -> 'second_fen', v_bad -> 0 -> 'control_fen'
            USING ERRCODE = '23514', CONSTRAINT = 'preparation_ceiling_second_within_control',
                  TABLE = 'preparation_ceiling', DETAIL = v_bad::text;
    END IF;

    EXECUTE $sql$
        UPDATE preparation_ceiling AS c
        SET second_fen = c.second_fen + d.fen
        FROM unnest($1, $2, $3, $4) AS d (round_id, unit_id, project_id, fen)
        WHERE c.round_id = d.round_id AND c.unit_id = d.unit_id AND c.project_id = d.project_id
    $sql$ USING p_rounds, p_units, p_projects, p_fens;
END
$$;

CREATE FUNCTION preparation_sum_second() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_rounds bigint[];
    v_units bigint[];
    v_projects bigint[];
    v_fens bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(round_id), array_agg(unit_id), array_agg(project_id), array_agg(fen)
        INTO v_rounds, v_units, v_projects, v_fens
        FROM (
            SELECT round_id, unit_id, project_id, sum(second_fen)::bigint AS fen
            FROM new_rows
            WHERE second_fen <> 0
            GROUP BY 1, 2, 3
        ) AS delta;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(round_id), array_agg(unit_id), array_agg(project_id), array_agg(fen)
        INTO v_rounds, v_units, v_projects, v_fens
        FROM (
            SELECT round_id, unit_id, project_id, -sum(second_fen)::bigint AS fen
            FROM old_rows
            WHERE second_fen <> 0
            GROUP BY 1, 2, 3
        ) AS delta;
    ELSE
        SELECT array_agg(round_id), array_agg(unit_id), array_agg(project_id), array_agg(fen)
        INTO v_rounds, v_units, v_projects, v_fens
        FROM (
            SELECT round_id, unit_id, project_id, sum(fen)::bigint AS fen
            FROM (
                SELECT round_id, unit_id, project_id, second_fen AS fen FROM new_rows WHERE second_fen <> 0
                UNION ALL
                SELECT round_id, unit_id, project_id, -second_fen FROM old_rows WHERE second_fen <> 0
            ) AS moved
            GROUP BY 1, 2, 3
            HAVING sum(fen) <> 0
        ) AS delta;
    END IF;
    IF v_rounds IS NOT NULL THEN
        PERFORM preparation_add_second(v_rounds, v_units, v_projects, v_fens);
    END IF;
    RETURN NULL;
END
$$;

-- What has been replied stays within what the congress approved, by fund and function; without an approval nothing can be.
CREATE FUNCTION preparation_sum_reply() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_bad jsonb;
BEGIN
    WITH delta AS (
        SELECT round_id, fund, function_code, sum(fen) AS fen
        FROM (
            SELECT round_id, fund, function_code, reply_fen AS fen FROM new_rows WHERE reply_fen <> 0
            UNION ALL
            SELECT round_id, fund, function_code, -reply_fen FROM old_rows WHERE reply_fen <> 0
        ) AS moved
        GROUP BY 1, 2, 3
        HAVING sum(fen) <> 0
    ),
    locked AS (
        SELECT a.id
        FROM preparation_approved AS a
        JOIN delta AS d USING (round_id, fund, function_code)
        ORDER BY a.id
        FOR UPDATE OF a
    ),
    bad AS (
        SELECT d.fund, d.function_code, coalesce(a.approved_fen, 0) AS approved_fen,
               coalesce(a.replied_fen, 0) + d.fen AS replied_fen
        FROM delta AS d
        LEFT JOIN preparation_approved AS a USING (round_id, fund, function_code)
        WHERE coalesce(a.replied_fen, 0) + d.fen > coalesce(a.approved_fen, 0)
        ORDER BY 1, 2
        LIMIT 20
    ),
    summed AS (
        UPDATE preparation_approved AS a
        SET replied_fen = a.replied_fen + d.fen
        FROM delta AS d
        WHERE a.round_id = d.round_id AND a.fund = d.fund AND a.function_code = d.function_code
            AND a.id IN (SELECT id FROM locked) AND NOT EXISTS (SELECT FROM bad)
        RETURNING a.id
    )
    SELECT jsonb_agg(to_jsonb(bad)) INTO v_bad FROM bad;
    IF v_bad IS NOT NULL THEN
        RAISE EXCEPTION '批复合计 % 分超过人大批准数 % 分。', v_bad -> 0 -> 'replied_fen', v_bad -> 0 -> 'approved_fen'
            USING ERRCODE = '23514', CONSTRAINT = 'preparation_approved_reply_within',
                  TABLE = 'preparation_approved', DETAIL = v_bad::text;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER preparation_line_1_guard_insert AFTER INSERT ON preparation_line
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_guard_inserted();
CREATE TRIGGER preparation_line_1_guard_update AFTER UPDATE ON preparation_line
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_guard_updated();
CREATE TRIGGER preparation_line_1_guard_delete AFTER DELETE ON preparation_line
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_guard_deleted();

CREATE TRIGGER preparation_line_2_second_insert AFTER INSERT ON preparation_line
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_sum_second();
CREATE TRIGGER preparation_line_2_second_update AFTER UPDATE ON preparation_line
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_sum_second();
CREATE TRIGGER preparation_line_2_second_delete AFTER DELETE ON preparation_line
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_sum_second();

CREATE TRIGGER preparation_line_3_reply_update AFTER UPDATE ON preparation_line
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_sum_reply();

-- A line is born without a reply: a reply is given by an update, which the trigger above sums.
CREATE FUNCTION preparation_born_without_reply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows WHERE reply_fen IS NOT NULL) THEN
        RAISE EXCEPTION '批复数只能经预算批复给出。'
            USING ERRCODE = '23514', CONSTRAINT = 'preparation_line_born_without_reply', TABLE = 'preparation_line';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER preparation_line_3_reply_insert AFTER INSERT ON preparation_line
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION preparation_born_without_reply();
