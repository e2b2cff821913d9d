DROP VIEW IF EXISTS v_standards_base_facts;
DROP VIEW IF EXISTS v_standards_pupil_raise;
DROP VIEW IF EXISTS v_standards_need;
DROP VIEW IF EXISTS v_standards_rate;
DROP VIEW IF EXISTS v_standards_figure;
