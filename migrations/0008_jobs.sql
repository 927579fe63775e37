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
    user_id BIGINT
        CONSTRAINT fk_job_user REFERENCES users_user (id) ON DELETE SET NULL,
    origin {{text}} NOT NULL,
    phase {{text}} NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    taken BIGINT,
    created BIGINT NOT NULL,
    user_name {{text}} NOT NULL,
    milliseconds BIGINT,
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
    job_id {{text}} NOT NULL,
    outcome {{text}} NOT NULL,
    output {{text}} NOT NULL,
    turn {{text}},
    holds {{text}},
    place {{text}}
);
CREATE UNIQUE INDEX unique_job_job_id ON core_job (job_id);
-- one running job of a turn, and one that was told not to have others beside it: many rows may have none
CREATE UNIQUE INDEX unique_job_holds ON core_job (holds);
CREATE UNIQUE INDEX unique_job_place ON core_job (place);
-- what waits and what runs, looked for every second; what is old
CREATE INDEX ix_core_job_status ON core_job (status);
CREATE INDEX ix_core_job_completed ON core_job (completed);
CREATE INDEX ix_core_job_object ON core_job (object_id);
CREATE INDEX ix_core_job_user ON core_job (user_id);
CREATE INDEX ix_core_job_created ON core_job (created);

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
