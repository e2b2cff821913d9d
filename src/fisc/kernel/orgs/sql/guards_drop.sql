ALTER TABLE orgs_user DROP CONSTRAINT orgs_user_system_has_no_login;
DROP TRIGGER orgs_unit_no_ring ON orgs_unit;
DROP FUNCTION orgs_unit_no_ring();
DROP TRIGGER orgs_grant_keep ON orgs_grant;
DROP FUNCTION orgs_grant_keep();
ALTER TABLE orgs_grant DROP CONSTRAINT orgs_grant_group_is_the_roles;
