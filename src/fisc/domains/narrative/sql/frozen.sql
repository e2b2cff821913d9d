-- A report once written is evidence: nobody changes or deletes it; a new version is a new document.
CREATE FUNCTION narrative_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a written report is never changed: %', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'narrative_report_frozen', TABLE = TG_TABLE_NAME;
END
$$;
CREATE TRIGGER narrative_report_frozen BEFORE UPDATE OR DELETE ON narrative_report
    FOR EACH ROW EXECUTE FUNCTION narrative_refuse_change();
CREATE TRIGGER narrative_reportfigure_frozen BEFORE UPDATE OR DELETE ON narrative_reportfigure
    FOR EACH ROW EXECUTE FUNCTION narrative_refuse_change();
