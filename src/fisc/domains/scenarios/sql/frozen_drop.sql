DROP TRIGGER scenarios_line_frozen ON scenarios_line;
DROP TRIGGER scenarios_scenario_frozen ON scenarios_scenario;
DROP FUNCTION scenarios_refuse_line();
DROP FUNCTION scenarios_refuse_change();
DROP FUNCTION scenarios_is_kept(bigint);
