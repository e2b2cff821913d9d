-- Figures of an accepted report are frozen, through whatever door.
CREATE FUNCTION standards_keep_accepted() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    held text;
BEGIN
    SELECT d.number INTO held
    FROM changed AS c
    JOIN documents_document AS d ON d.id = c.report_id
    WHERE d.state = 'accepted'
    LIMIT 1;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION '基础信息表 % 已审定，数据不得修改；确有错误的由业务股室退回重报。', held
            USING ERRCODE = '23514', CONSTRAINT = 'standards_base_figure_accepted_is_frozen',
                TABLE = 'standards_base_figure';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER standards_base_figure_frozen_on_insert AFTER INSERT ON standards_base_figure
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION standards_keep_accepted();
CREATE TRIGGER standards_base_figure_frozen_on_update AFTER UPDATE ON standards_base_figure
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION standards_keep_accepted();
CREATE TRIGGER standards_base_figure_frozen_on_delete AFTER DELETE ON standards_base_figure
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION standards_keep_accepted();

-- What was in force is history: a rate may be ended, by the last day of a month, nothing else; never deleted.
CREATE FUNCTION standards_keep_rates() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '支出标准的历史版本不得删除，只能用新版本替代。'
            USING ERRCODE = '23514', CONSTRAINT = 'standards_rate_never_deleted', TABLE = 'standards_rate';
    END IF;
    IF OLD.valid_to IS NOT NULL
        OR (OLD.standard_id, OLD.amount_fen, OLD.valid_from, OLD.least_quantity)
            IS DISTINCT FROM (NEW.standard_id, NEW.amount_fen, NEW.valid_from, NEW.least_quantity)
    THEN
        RAISE EXCEPTION '支出标准的历史版本不得修改，只能用新版本替代。'
            USING ERRCODE = '23514', CONSTRAINT = 'standards_rate_is_history', TABLE = 'standards_rate';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER standards_rate_kept BEFORE UPDATE OR DELETE ON standards_rate
FOR EACH ROW EXECUTE FUNCTION standards_keep_rates();

ALTER TABLE standards_rate ADD CONSTRAINT standards_rate_to_last_of_month
CHECK (valid_to IS NULL OR extract(DAY FROM valid_to + 1) = 1);
