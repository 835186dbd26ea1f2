-- The book of facts. Everything that proves is insert only; what may change can be computed again.

-- A fact, as bytes. ``xid`` and ``n`` are the database's own words: the application may not write them.
CREATE SEQUENCE journal_entry_n;
CREATE TABLE journal_entry (
    id   uuid   PRIMARY KEY,
    xid  xid8   NOT NULL DEFAULT pg_current_xact_id(),
    n    bigint NOT NULL DEFAULT nextval('journal_entry_n'),
    body bytea  NOT NULL CHECK (octet_length(body) BETWEEN 2 AND 16384),
    mac  bytea  NOT NULL
) PARTITION BY RANGE (id);
ALTER SEQUENCE journal_entry_n OWNED BY journal_entry.n;
CREATE INDEX journal_entry_xid ON journal_entry (xid);
CREATE TABLE journal_entry_other PARTITION OF journal_entry DEFAULT;
-- One partition a year: the first 48 bits of a UUIDv7 are Unix milliseconds.
DO $$
DECLARE
    year int;
    edges text[];
BEGIN
    FOR year IN 2026..2030 LOOP
        SELECT array_agg(format('%s-%s-0000-0000-000000000000', left(hex, 8), right(hex, 4)) ORDER BY hex) INTO edges
        FROM (
            SELECT lpad(to_hex((extract(epoch FROM make_timestamptz(y, 1, 1, 0, 0, 0, 'UTC')) * 1000)::bigint), 12, '0')
            FROM generate_series(year, year + 1) AS y
        ) AS bounds (hex);
        EXECUTE format(
            'CREATE TABLE journal_entry_%s PARTITION OF journal_entry FOR VALUES FROM (%L) TO (%L)',
            year, edges[1], edges[2]
        );
    END LOOP;
END $$;

-- Personal values: SD-JWT disclosures (RFC 9901). The only rows of the book that may be deleted.
CREATE TABLE journal_private (
    entry      uuid NOT NULL,
    name       text NOT NULL,
    disclosure text NOT NULL,
    PRIMARY KEY (entry, name)
);

-- What an entry says, for searching: copied from the bytes, rebuilt from them, checked against them.
CREATE TABLE journal_copy (
    entry        uuid PRIMARY KEY,
    kind         text NOT NULL,
    organisation uuid,
    subject_type text NOT NULL,
    subject      uuid NOT NULL,
    matter       uuid,
    at           timestamptz NOT NULL
);
CREATE INDEX journal_copy_matter ON journal_copy (matter) WHERE matter IS NOT NULL;
CREATE INDEX journal_copy_subject ON journal_copy (subject);

-- The tree: leaves numbered without gap, and the roots of complete subtrees of 256, 65536... leaves.
CREATE TABLE journal_leaf (
    seq   bigint PRIMARY KEY CHECK (seq >= 0),
    entry uuid   NOT NULL UNIQUE,
    hash  bytea  NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE TABLE journal_node (
    level smallint NOT NULL CHECK (level > 0 AND level % 8 = 0),
    idx   bigint   NOT NULL CHECK (idx >= 0),
    hash  bytea    NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, idx)
);
-- How far the sequencer is: what is sequenced is exactly what the snapshot ``seen`` sees.
CREATE TABLE journal_state (
    one     boolean     PRIMARY KEY DEFAULT true CHECK (one),
    size    bigint      NOT NULL,
    seen    pg_snapshot NOT NULL,
    system  bigint      NOT NULL,
    floor_n bigint      NOT NULL
);
INSERT INTO journal_state (size, seen, system, floor_n)
SELECT 0, '1:1:', system_identifier, 0 FROM pg_control_system();
-- An entry whose MAC fails was not written by the platform: it gets no number and raises the alarm.
CREATE TABLE journal_quarantine (
    entry  uuid        PRIMARY KEY,
    at     timestamptz NOT NULL
);

CREATE TABLE journal_checkpoint (
    size bigint      PRIMARY KEY CHECK (size > 0),
    root bytea       NOT NULL CHECK (octet_length(root) = 32),
    note bytea       NOT NULL,
    at   timestamptz NOT NULL
);
-- RFC 3161 tokens on a checkpoint's note or on an entry's body; ``authority`` is "own" or "outside".
CREATE TABLE journal_token (
    id         uuid        PRIMARY KEY,
    checkpoint bigint      REFERENCES journal_checkpoint (size),
    entry      uuid,
    authority  text        NOT NULL CHECK (authority IN ('own', 'outside')),
    token      bytea       NOT NULL,
    at         timestamptz NOT NULL,
    CHECK ((checkpoint IS NULL) <> (entry IS NULL))
);
CREATE INDEX journal_token_checkpoint ON journal_token (checkpoint) WHERE checkpoint IS NOT NULL;
CREATE INDEX journal_token_outside ON journal_token (checkpoint) WHERE authority = 'outside';
CREATE INDEX journal_token_entry ON journal_token (entry) WHERE entry IS NOT NULL;

-- How far the proof of each entry is.
CREATE VIEW journal_proof AS
SELECT e.id, e.n, l.seq, e.body, CASE
    WHEN l.seq < (SELECT max(checkpoint) FROM journal_token WHERE authority = 'outside')
      OR EXISTS (SELECT FROM journal_token AS t WHERE t.entry = e.id AND t.authority = 'outside') THEN 'anchored'
    WHEN l.seq IS NULL THEN 'recorded'
    WHEN l.seq < (SELECT max(size) FROM journal_checkpoint) THEN 'sealed'
    ELSE 'sequenced' END AS state
FROM journal_entry AS e LEFT JOIN journal_leaf AS l ON l.entry = e.id;

-- Followers: ``position`` is the next number to read. It moves in the transaction of the handler's effects.
CREATE TABLE journal_cursor (
    subscriber text        PRIMARY KEY,
    position   bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
    moved_at   timestamptz NOT NULL DEFAULT now()
);
-- Facts that a follower could not handle, and those of the same subject that wait behind (no reason).
CREATE TABLE journal_deadletter (
    id         uuid        PRIMARY KEY,
    subscriber text        NOT NULL REFERENCES journal_cursor (subscriber),
    seq        bigint      NOT NULL,
    kind       text        NOT NULL,
    subject    uuid        NOT NULL,
    reason     text        NOT NULL,
    attempts   int         NOT NULL,
    failed_at  timestamptz NOT NULL,
    UNIQUE (subscriber, seq)
);
CREATE INDEX journal_deadletter_subject ON journal_deadletter (subscriber, subject, seq);

CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: the journal is insert only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['entry', 'leaf', 'node', 'quarantine', 'checkpoint', 'token'] LOOP
        EXECUTE format(
            'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON journal_%s FOR EACH ROW'
            ' EXECUTE FUNCTION journal_refuse()', kept
        );
        EXECUTE format(
            'CREATE TRIGGER never_emptied BEFORE TRUNCATE ON journal_%s FOR EACH STATEMENT'
            ' EXECUTE FUNCTION journal_refuse()', kept
        );
    END LOOP;
    -- Statement triggers are not inherited by partitions.
    FOR kept IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'journal_entry'::regclass LOOP
        EXECUTE format(
            'CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s FOR EACH STATEMENT'
            ' EXECUTE FUNCTION journal_refuse()', kept
        );
    END LOOP;
END $$;
