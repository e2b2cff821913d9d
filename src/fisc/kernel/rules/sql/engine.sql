-- What conditions may call, and the number that tells every process that rules have changed.

-- True when one of the words occurs in the text; no text or no words: false.
CREATE OR REPLACE FUNCTION rules_contains_any(p_text text, p_words text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT EXISTS (SELECT FROM unnest(p_words) AS w (word) WHERE w.word <> '' AND strpos(p_text, w.word) > 0)
$$;

-- How many of the words occur in the text.
CREATE OR REPLACE FUNCTION rules_count_in(p_text text, p_words text[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT count(*) FROM unnest(p_words) AS w (word) WHERE w.word <> '' AND strpos(p_text, w.word) > 0
$$;

-- The number comes from a sequence, so that a rolled back edit never gives two states the same number.
CREATE SEQUENCE IF NOT EXISTS rules_epoch_number START 2;
INSERT INTO rules_epoch (id, number) VALUES (1, 1) ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION rules_next_epoch() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE rules_epoch SET number = nextval('rules_epoch_number') WHERE id = 1;
    IF NOT FOUND THEN
        INSERT INTO rules_epoch (id, number) VALUES (1, nextval('rules_epoch_number'));
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER rules_rule_next_epoch
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rules_rule
FOR EACH STATEMENT EXECUTE FUNCTION rules_next_epoch();

CREATE OR REPLACE TRIGGER rules_parameter_next_epoch
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rules_parameter
FOR EACH STATEMENT EXECUTE FUNCTION rules_next_epoch();

CREATE OR REPLACE TRIGGER rules_exemption_next_epoch
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rules_exemption
FOR EACH STATEMENT EXECUTE FUNCTION rules_next_epoch();

-- What a rule says never changes once findings may point at it: only its state moves.
CREATE OR REPLACE FUNCTION rules_refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '规则 % 第 % 版已启用，不得改写，请另立新版。', OLD.code, OLD.version
        USING ERRCODE = '23514', CONSTRAINT = 'rules_rule_versions_stay', TABLE = 'rules_rule';
END
$$;

CREATE OR REPLACE TRIGGER rules_rule_versions_stay
BEFORE UPDATE ON rules_rule
FOR EACH ROW
WHEN (
    OLD.state <> 'draft'
    AND (
        OLD.code, OLD.version, OLD.stage, OLD.severity, OLD.view, OLD.condition, OLD.message
    ) IS DISTINCT FROM (
        NEW.code, NEW.version, NEW.stage, NEW.severity, NEW.view, NEW.condition, NEW.message
    )
)
EXECUTE FUNCTION rules_refuse_rewriting();
