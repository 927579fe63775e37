-- The keys that secrets were sealed with since the first change of key, the newest last; none while it was never changed. Not
-- an object: no description leads to it, and it stays out of backups, whose head names their key.
CREATE TABLE core_key (
    id {{id}},
    name {{text}} NOT NULL,
    since BIGINT NOT NULL
);
