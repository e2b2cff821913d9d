-- A code in use keeps its meaning in the years of use: kind, fund, code, name, place in the tree, attributes.
-- Confidence, evidence and note may be bettered; the span of years may grow, or shrink to the years of use.
CREATE FUNCTION codes_code_keep_meaning() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used_year int;
BEGIN
    SELECT min(u.fiscal_year) INTO used_year
    FROM codes_usage u
    WHERE u.kind = OLD.kind AND u.fund = OLD.fund AND u.code = OLD.code
      AND u.fiscal_year BETWEEN OLD.valid_from_year AND coalesce(OLD.valid_to_year, 9999)
      AND (TG_OP = 'DELETE'
           OR (NEW.kind, NEW.fund, NEW.code, NEW.name, NEW.parent, NEW.level, NEW.attributes)
              IS DISTINCT FROM (OLD.kind, OLD.fund, OLD.code, OLD.name, OLD.parent, OLD.level, OLD.attributes)
           OR u.fiscal_year NOT BETWEEN NEW.valid_from_year AND coalesce(NEW.valid_to_year, 9999));
    IF used_year IS NOT NULL THEN
        RAISE EXCEPTION '代码 % % 在 % 年度已使用，不能改变含义', OLD.code, OLD.name, used_year
            USING ERRCODE = '23514', CONSTRAINT = 'codes_code_in_use_keeps_meaning';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER codes_code_keep_meaning BEFORE UPDATE OR DELETE ON codes_code
    FOR EACH ROW EXECUTE FUNCTION codes_code_keep_meaning();

-- A leaf in use does not become a heading in the years of use: money booked on it would have no leaf any more.
CREATE FUNCTION codes_code_keep_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used_year int;
BEGIN
    IF NEW.parent = '' OR NOT EXISTS (SELECT FROM codes_usage) THEN
        RETURN NEW;
    END IF;
    SELECT min(u.fiscal_year) INTO used_year
    FROM codes_usage u
    WHERE u.kind = NEW.kind AND u.fund = NEW.fund AND u.code = NEW.parent
      AND u.fiscal_year BETWEEN NEW.valid_from_year AND coalesce(NEW.valid_to_year, 9999)
      AND NOT EXISTS (
          SELECT FROM codes_code sibling
          WHERE sibling.kind = NEW.kind AND sibling.fund = NEW.fund AND sibling.parent = NEW.parent
            AND sibling.id <> NEW.id
            AND u.fiscal_year BETWEEN sibling.valid_from_year AND coalesce(sibling.valid_to_year, 9999));
    IF used_year IS NOT NULL THEN
        RAISE EXCEPTION '代码 % 在 % 年度已作为末级使用，不能再设下级', NEW.parent, used_year
            USING ERRCODE = '23514', CONSTRAINT = 'codes_code_used_leaf_stays_leaf';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER codes_code_keep_leaf BEFORE INSERT OR UPDATE OF kind, fund, parent, valid_from_year, valid_to_year
    ON codes_code FOR EACH ROW EXECUTE FUNCTION codes_code_keep_leaf();

-- A mark of use stays: a voided document was still printed with its codes.
CREATE FUNCTION codes_usage_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '代码使用记录不能修改或删除' USING ERRCODE = '23514', CONSTRAINT = 'codes_usage_kept';
END
$$;
CREATE TRIGGER codes_usage_keep BEFORE UPDATE OR DELETE ON codes_usage
    FOR EACH ROW EXECUTE FUNCTION codes_usage_keep();

-- The door by which the tables above mark codes as used, from Python or from a trigger of their own.
CREATE FUNCTION codes_mark_used(p_kind text, p_fund text, p_codes text[], p_year int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO codes_usage (kind, fund, code, fiscal_year)
    SELECT p_kind, p_fund, used.code, p_year
    FROM unnest(p_codes) AS used (code)
    WHERE used.code <> ''
    GROUP BY used.code
    ORDER BY used.code
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION codes_stamp_renew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO codes_stamp (id, stamp) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp;
    RETURN NULL;
END
$$;
CREATE TRIGGER codes_stamp_renew AFTER INSERT OR UPDATE OR DELETE ON codes_code
    FOR EACH STATEMENT EXECUTE FUNCTION codes_stamp_renew();
CREATE TRIGGER codes_stamp_renew AFTER INSERT OR UPDATE OR DELETE ON codes_mapping
    FOR EACH STATEMENT EXECUTE FUNCTION codes_stamp_renew();
CREATE TRIGGER codes_stamp_renew AFTER INSERT OR UPDATE OR DELETE ON codes_economic_mapping
    FOR EACH STATEMENT EXECUTE FUNCTION codes_stamp_renew();
