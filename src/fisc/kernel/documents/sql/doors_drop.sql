DROP TRIGGER IF EXISTS documents_document_never_deleted ON documents_document;
DROP TRIGGER IF EXISTS documents_document_insert_door ON documents_document;
DROP TRIGGER IF EXISTS documents_document_state_door ON documents_document;
DROP FUNCTION IF EXISTS documents_refuse_side_door();
DROP FUNCTION IF EXISTS documents_revise(bigint, bigint, text, text, bigint, text, text, date, text[], timestamptz);
DROP FUNCTION IF EXISTS documents_finish(bigint[], text[], text[], bigint[], timestamptz);
DROP FUNCTION IF EXISTS documents_create(
    text, text, text, bigint, timestamptz, int[], bigint[], text[], text[], bigint[], text[], text[], date[], bigint[],
    text[]
);
