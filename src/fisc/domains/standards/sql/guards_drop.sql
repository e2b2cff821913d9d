ALTER TABLE standards_rate DROP CONSTRAINT IF EXISTS standards_rate_to_last_of_month;
DROP TRIGGER IF EXISTS standards_rate_kept ON standards_rate;
DROP FUNCTION IF EXISTS standards_keep_rates();
DROP TRIGGER IF EXISTS standards_base_figure_frozen_on_insert ON standards_base_figure;
DROP TRIGGER IF EXISTS standards_base_figure_frozen_on_update ON standards_base_figure;
DROP TRIGGER IF EXISTS standards_base_figure_frozen_on_delete ON standards_base_figure;
DROP FUNCTION IF EXISTS standards_keep_accepted();
