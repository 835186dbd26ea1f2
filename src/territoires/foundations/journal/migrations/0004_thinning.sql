-- A checkpoint a second is many. After a day the last of each minute is enough: it proves the same facts.

-- The checkpoints that a bundle or the evidence of a receipt leads to: they stay.
CREATE TABLE journal_citation (checkpoint bigint PRIMARY KEY);
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON journal_citation FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON journal_citation FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
CREATE INDEX journal_checkpoint_at ON journal_checkpoint (at);

CREATE FUNCTION journal_thinning_age() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '1 day' $$;
-- Whether a checkpoint may go: old, with a later one in its minute, cited by nothing, stamped by nobody but us.
CREATE FUNCTION journal_is_spare(checked bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (
    SELECT FROM journal_checkpoint AS c
    WHERE c.size = checked AND c.at < clock_timestamp() - journal_thinning_age()
    AND EXISTS (
        SELECT FROM journal_checkpoint AS later
        WHERE later.at >= c.at AND later.at < date_trunc('minute', c.at) + interval '1 minute' AND later.size > c.size)
    AND NOT EXISTS (SELECT FROM journal_citation WHERE checkpoint = c.size)
    AND NOT EXISTS (SELECT FROM journal_token WHERE checkpoint = c.size AND authority <> 'own'))
$$;

CREATE FUNCTION journal_thin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checkpoint bigint := CASE TG_TABLE_NAME
        WHEN 'journal_checkpoint' THEN (to_jsonb(OLD) ->> 'size')::bigint
        ELSE (to_jsonb(OLD) ->> 'checkpoint')::bigint END;
BEGIN
    IF journal_is_spare(checkpoint) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of % refused: only spare checkpoints are thinned', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER insert_only ON journal_checkpoint;
DROP TRIGGER insert_only ON journal_token;
CREATE TRIGGER never_changed BEFORE UPDATE ON journal_checkpoint FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER never_changed BEFORE UPDATE ON journal_token FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER thinned_only BEFORE DELETE ON journal_checkpoint FOR EACH ROW EXECUTE FUNCTION journal_thin();
CREATE TRIGGER thinned_only BEFORE DELETE ON journal_token FOR EACH ROW EXECUTE FUNCTION journal_thin();
