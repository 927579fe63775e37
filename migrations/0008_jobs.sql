-- Work that takes longer than a moment, what it said, and when what comes by itself was due last.

CREATE TABLE core_job (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    status {{text}} NOT NULL,
    object_repr {{text}} NOT NULL,
    object_type {{text}} NOT NULL,
    object_id BIGINT,
    created BIGINT NOT NULL,
    user_name {{text}} NOT NULL,
    user_id BIGINT
        CONSTRAINT fk_job_user REFERENCES users_user (id) ON DELETE SET NULL,
    milliseconds BIGINT,
    outcome {{text}} NOT NULL,
    phase {{text}} NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    started BIGINT,
    completed BIGINT,
    not_before BIGINT,
    deadline BIGINT,
    attempt BIGINT NOT NULL,
    retries BIGINT NOT NULL,
    cancelled_by {{text}} NOT NULL,
    schedule {{text}} NOT NULL,
    arguments {{text}},
    worker {{text}} NOT NULL,
    lease BIGINT,
    resumable BOOLEAN NOT NULL,
    turn {{text}},
    job_id {{text}} NOT NULL
);
-- one running job of a kind that takes turns: many rows may have none
CREATE UNIQUE INDEX unique_job_turn ON core_job (turn);
CREATE UNIQUE INDEX unique_job_job_id ON core_job (job_id);
CREATE INDEX ix_core_job_object ON core_job (object_id);
CREATE INDEX ix_core_job_created ON core_job (created);
CREATE INDEX ix_core_job_user ON core_job (user_id);

CREATE TABLE core_jobline (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    job_id BIGINT NOT NULL
        CONSTRAINT fk_jobline_job REFERENCES core_job (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    time BIGINT NOT NULL,
    level {{text}} NOT NULL,
    object_type {{text}} NOT NULL,
    object_id BIGINT,
    object_repr {{text}} NOT NULL,
    text {{text}} NOT NULL
);
CREATE UNIQUE INDEX unique_jobline_job_number ON core_jobline (job_id, number);

CREATE TABLE core_schedule (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    name {{text}} NOT NULL,
    minute BIGINT NOT NULL,
    last BIGINT
);
CREATE UNIQUE INDEX unique_schedule_name ON core_schedule (name);
