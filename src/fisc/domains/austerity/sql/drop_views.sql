DROP VIEW v_austerity_reception_facts;
DROP VIEW v_austerity_general;
DROP FUNCTION austerity_set_version(integer);
