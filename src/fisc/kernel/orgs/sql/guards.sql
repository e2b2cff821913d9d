-- A grant carries the group of its role, so that one exclusion constraint can keep the administrators apart.
ALTER TABLE orgs_grant
    ADD CONSTRAINT orgs_grant_group_is_the_roles
    FOREIGN KEY (role_id, "group") REFERENCES orgs_role (id, "group") DEFERRABLE INITIALLY IMMEDIATE;

-- A grant is ended, never deleted, and never handed to somebody else.
CREATE FUNCTION orgs_grant_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '授权不能删除，只能终止' USING ERRCODE = '23514', CONSTRAINT = 'orgs_grant_never_deleted';
    END IF;
    IF (NEW.user_id, NEW.role_id, NEW."group", NEW.unit_id, NEW.valid_from, NEW.granted_by_id)
        IS DISTINCT FROM (OLD.user_id, OLD.role_id, OLD."group", OLD.unit_id, OLD.valid_from, OLD.granted_by_id) THEN
        RAISE EXCEPTION '授权只能终止，不能改动' USING ERRCODE = '23514', CONSTRAINT = 'orgs_grant_only_ends';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER orgs_grant_keep BEFORE UPDATE OR DELETE ON orgs_grant
    FOR EACH ROW EXECUTE FUNCTION orgs_grant_keep();

-- The unit tree has no ring: nobody is his own superior, however far up. Moves are rare; one lock keeps two
-- moves at the same time from closing a ring between them.
CREATE FUNCTION orgs_unit_no_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('orgs_unit_no_ring'));
    IF EXISTS (
        WITH RECURSIVE superiors AS (
            SELECT u.id, u.parent_id FROM orgs_unit u WHERE u.id = NEW.parent_id
            UNION
            SELECT u.id, u.parent_id FROM orgs_unit u JOIN superiors s ON u.id = s.parent_id
        )
        SELECT FROM superiors WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION '单位不能隶属于自己或自己的下级' USING ERRCODE = '23514', CONSTRAINT = 'orgs_unit_no_ring';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER orgs_unit_no_ring BEFORE INSERT OR UPDATE OF parent_id ON orgs_unit
    FOR EACH ROW EXECUTE FUNCTION orgs_unit_no_ring();

-- The system account has no password (an unusable one starts with '!') and is always there.
ALTER TABLE orgs_user
    ADD CONSTRAINT orgs_user_system_has_no_login CHECK (NOT is_system OR password LIKE '!%');
