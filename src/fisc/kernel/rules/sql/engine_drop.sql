DROP TRIGGER IF EXISTS rules_rule_versions_stay ON rules_rule;
DROP TRIGGER IF EXISTS rules_exemption_next_epoch ON rules_exemption;
DROP TRIGGER IF EXISTS rules_parameter_next_epoch ON rules_parameter;
DROP TRIGGER IF EXISTS rules_rule_next_epoch ON rules_rule;
DROP FUNCTION IF EXISTS rules_refuse_rewriting();
DROP FUNCTION IF EXISTS rules_next_epoch();
DROP SEQUENCE IF EXISTS rules_epoch_number;
DROP FUNCTION IF EXISTS rules_count_in(text, text[]);
DROP FUNCTION IF EXISTS rules_contains_any(text, text[]);
