-- 无预算不开支, at the last doors and whoever writes: a payment names an allotment; an instruction to the bank is refused
-- unless its document holds money of an allotment, and the instructions of a document never exceed what it holds.

CREATE FUNCTION treasury_guard_drawings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_document_id bigint;
BEGIN
    SELECT written.document_id INTO v_document_id
    FROM written
    LEFT JOIN documents_document AS allotment ON allotment.id = written.allotment_id AND allotment.kind = 'budget.allotment'
    WHERE allotment.id IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'document % names no allotment', v_document_id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_of_allotment', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER treasury_payment_of_allotment AFTER INSERT ON treasury_payment REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION treasury_guard_drawings();
CREATE TRIGGER treasury_batch_of_allotment AFTER INSERT ON treasury_batch REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION treasury_guard_drawings();
CREATE TRIGGER treasury_cashplan_of_allotment AFTER INSERT ON treasury_cashplan REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION treasury_guard_drawings();

-- What holds money keeps its allotment until the money is given back or paid for good.
CREATE FUNCTION treasury_guard_allotment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.hold_id IS NOT NULL OR NOT EXISTS (
        SELECT FROM documents_document WHERE id = NEW.allotment_id AND kind = 'budget.allotment'
    ) THEN
        RAISE EXCEPTION 'document % cannot change to allotment %', OLD.document_id, NEW.allotment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_of_allotment', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER treasury_payment_keeps_allotment BEFORE UPDATE ON treasury_payment
FOR EACH ROW WHEN (OLD.allotment_id IS DISTINCT FROM NEW.allotment_id) EXECUTE FUNCTION treasury_guard_allotment();
CREATE TRIGGER treasury_batch_keeps_allotment BEFORE UPDATE ON treasury_batch
FOR EACH ROW WHEN (OLD.allotment_id IS DISTINCT FROM NEW.allotment_id) EXECUTE FUNCTION treasury_guard_allotment();

CREATE FUNCTION treasury_guard_instructions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_bad record;
BEGIN
    WITH asked AS (
        SELECT instruction.document_id, sum(instruction.amount_fen) AS fen
        FROM treasury_instruction AS instruction
        WHERE instruction.document_id IN (SELECT document_id FROM written)
        GROUP BY instruction.document_id
    ), paying AS (
        SELECT document_id, hold_id FROM treasury_payment WHERE document_id IN (SELECT document_id FROM asked)
        UNION ALL
        SELECT document_id, hold_id FROM treasury_batch WHERE document_id IN (SELECT document_id FROM asked)
    )
    SELECT asked.document_id, asked.fen, coalesce(held.open_fen, 0) AS held_fen INTO v_bad
    FROM asked
    LEFT JOIN paying ON paying.document_id = asked.document_id
    LEFT JOIN v_ledger_hold AS held
        ON held.hold_id = paying.hold_id AND held.document_id = asked.document_id AND held.book = 'allotment'
    WHERE asked.fen > coalesce(held.open_fen, 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the instructions of document % ask for % fen, it holds %',
            v_bad.document_id, v_bad.fen, v_bad.held_fen
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treasury_instruction_within_hold',
                TABLE = 'treasury_instruction';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER treasury_instruction_within_hold AFTER INSERT ON treasury_instruction REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION treasury_guard_instructions();

CREATE FUNCTION treasury_guard_instruction_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'instruction % was sent: its amount, document and payee do not change', OLD.reference
        USING ERRCODE = 'check_violation', CONSTRAINT = 'treasury_instruction_unchanged', TABLE = 'treasury_instruction';
END
$$;
CREATE TRIGGER treasury_instruction_unchanged BEFORE UPDATE ON treasury_instruction
FOR EACH ROW WHEN (
    (OLD.amount_fen, OLD.document_id, OLD.reference) IS DISTINCT FROM (NEW.amount_fen, NEW.document_id, NEW.reference)
) EXECUTE FUNCTION treasury_guard_instruction_facts();
