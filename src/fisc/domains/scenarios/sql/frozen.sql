-- What a scenario saw is evidence: parameters and inputs never change once the inputs are taken, and a kept scenario
-- never changes at all. Its lines are written anew only while it is not kept.
CREATE FUNCTION scenarios_is_kept(scenario bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM documents_document WHERE id = scenario AND state = 'kept')
$$;

CREATE FUNCTION scenarios_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a scenario is not deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scenarios_scenario_kept', TABLE = TG_TABLE_NAME;
    END IF;
    IF OLD.inputs_digest <> '' AND (
        NEW.parameters IS DISTINCT FROM OLD.parameters OR NEW.inputs_digest <> OLD.inputs_digest
        OR NEW.packed_inputs IS DISTINCT FROM OLD.packed_inputs OR NEW.sort <> OLD.sort OR NEW.stage <> OLD.stage
    ) THEN
        RAISE EXCEPTION 'parameters and inputs of scenario % are frozen', OLD.document_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scenarios_scenario_inputs_frozen', TABLE = TG_TABLE_NAME;
    END IF;
    IF scenarios_is_kept(OLD.document_id) AND (
        NEW.result IS DISTINCT FROM OLD.result OR NEW.code_version <> OLD.code_version
        OR NEW.result_digest <> OLD.result_digest
    ) THEN
        RAISE EXCEPTION 'scenario % is kept', OLD.document_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scenarios_scenario_kept', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION scenarios_refuse_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF scenarios_is_kept(COALESCE(NEW.scenario_id, OLD.scenario_id)) THEN
        RAISE EXCEPTION 'the scenario is kept'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scenarios_line_kept', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN COALESCE(NEW, OLD);
END
$$;

CREATE TRIGGER scenarios_scenario_frozen BEFORE UPDATE OR DELETE ON scenarios_scenario
    FOR EACH ROW EXECUTE FUNCTION scenarios_refuse_change();
CREATE TRIGGER scenarios_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON scenarios_line
    FOR EACH ROW EXECUTE FUNCTION scenarios_refuse_line();
