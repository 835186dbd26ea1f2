-- What witnesses have put under a checkpoint (C2SP tlog-cosignature): the line, its newline included.
CREATE TABLE journal_cosignature (
    checkpoint bigint      NOT NULL REFERENCES journal_checkpoint (size),
    name       text        NOT NULL,
    key        bytea       NOT NULL CHECK (octet_length(key) = 32),
    line       text        NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, name, key)
);
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON journal_cosignature
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON journal_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();

-- As before; what a witness has cosigned stays too.
CREATE OR REPLACE FUNCTION journal_is_spare(checked bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (
    SELECT FROM journal_checkpoint AS c
    WHERE c.size = checked AND c.at < clock_timestamp() - journal_thinning_age()
    AND EXISTS (
        SELECT FROM journal_checkpoint AS later
        WHERE later.at >= c.at AND later.at < date_trunc('minute', c.at) + interval '1 minute' AND later.size > c.size)
    AND NOT EXISTS (SELECT FROM journal_citation WHERE checkpoint = c.size)
    AND NOT EXISTS (SELECT FROM journal_cosignature WHERE checkpoint = c.size)
    AND NOT EXISTS (SELECT FROM journal_token WHERE checkpoint = c.size AND authority <> 'own'))
$$;
