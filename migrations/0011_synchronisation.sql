-- Whether a type was taken with an API key: without one PeeringDB withholds what only its users may see.
ALTER TABLE peeringdb_cursor ADD COLUMN keyed BOOLEAN NOT NULL DEFAULT FALSE;

-- Rows that are in the cache, but without a reference that leads nowhere.
ALTER TABLE peeringdb_rejected ADD COLUMN partly BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE peeringdb_rejected SET partly = TRUE WHERE reason LIKE 'Taken without %';
