-- What runs of the PeeringDB synchronisation found changed, row by row; gone with its run.
ALTER TABLE peeringdb_synchronisation ADD COLUMN concerning BIGINT NOT NULL DEFAULT 0;
ALTER TABLE peeringdb_synchronisation ADD COLUMN left_out BIGINT NOT NULL DEFAULT 0;

CREATE TABLE peeringdb_upstreamchange (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    concern {{text}} NOT NULL,
    action {{text}} NOT NULL,
    namespace {{text}} NOT NULL,
    subject {{text}} NOT NULL,
    why {{text}} NOT NULL,
    run_id BIGINT NOT NULL
        CONSTRAINT fk_upstreamchange_run REFERENCES peeringdb_synchronisation (id) ON DELETE CASCADE,
    object_id BIGINT NOT NULL,
    changes {{text}},
    ours {{text}}
);
CREATE INDEX ix_peeringdb_upstreamchange_run ON peeringdb_upstreamchange (run_id);
