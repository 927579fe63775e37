-- Routers that are spoken to: their host keys, what was pushed to them, what they and their sessions said of themselves.

ALTER TABLE devices_router ADD COLUMN reachability {{text}};
ALTER TABLE devices_router ADD COLUMN reachability_words {{text}};
ALTER TABLE devices_router ADD COLUMN asked BIGINT;
ALTER TABLE devices_router ADD COLUMN answered BIGINT;
ALTER TABLE devices_router ADD COLUMN software {{text}};
ALTER TABLE devices_router ADD COLUMN offered_key {{text}};
ALTER TABLE devices_router ADD COLUMN neighbours {{text}};

ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN state_since BIGINT;
ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN last_error {{text}};
ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN families {{text}};
ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN polled BIGINT;

ALTER TABLE peering_directpeeringsession ADD COLUMN state_since BIGINT;
ALTER TABLE peering_directpeeringsession ADD COLUMN last_error {{text}};
ALTER TABLE peering_directpeeringsession ADD COLUMN families {{text}};
ALTER TABLE peering_directpeeringsession ADD COLUMN polled BIGINT;

CREATE TABLE devices_hostkey (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    router_id BIGINT NOT NULL
        CONSTRAINT fk_hostkey_router REFERENCES devices_router (id) ON DELETE CASCADE,
    key {{text}} NOT NULL,
    algorithm {{text}} NOT NULL,
    fingerprint {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_devices_hostkey_router ON devices_hostkey (router_id);

CREATE TABLE devices_push (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    time BIGINT NOT NULL,
    router_id BIGINT
        CONSTRAINT fk_push_router REFERENCES devices_router (id) ON DELETE SET NULL,
    router_name {{text}} NOT NULL,
    mode {{text}} NOT NULL,
    outcome {{text}},
    words {{text}} NOT NULL,
    user_name {{text}} NOT NULL,
    user_id BIGINT
        CONSTRAINT fk_push_user REFERENCES users_user (id) ON DELETE SET NULL,
    reason {{text}} NOT NULL,
    added BIGINT,
    removed BIGINT,
    foreign_removed BIGINT,
    text_sha256 {{text}} NOT NULL,
    diff_sha256 {{text}} NOT NULL,
    software {{text}} NOT NULL,
    host_key {{text}} NOT NULL,
    ended BIGINT,
    milliseconds BIGINT,
    undo_at BIGINT,
    job_id BIGINT
        CONSTRAINT fk_push_job REFERENCES core_job (id) ON DELETE SET NULL,
    push_id {{text}} NOT NULL,
    steps {{text}},
    evidence {{text}},
    text {{text}},
    diff {{text}},
    former {{text}},
    masked_diff {{text}}
);
CREATE UNIQUE INDEX unique_push_push_id ON devices_push (push_id);
CREATE INDEX ix_devices_push_time ON devices_push (time);
CREATE INDEX ix_devices_push_router ON devices_push (router_id);
CREATE INDEX ix_devices_push_outcome ON devices_push (outcome);
CREATE INDEX ix_devices_push_user ON devices_push (user_id);
CREATE INDEX ix_devices_push_job ON devices_push (job_id);

CREATE TABLE peering_sessiontransition (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    time BIGINT NOT NULL,
    router_id BIGINT
        CONSTRAINT fk_sessiontransition_router REFERENCES devices_router (id) ON DELETE SET NULL,
    ix_session_id BIGINT
        CONSTRAINT fk_sessiontransition_ix_session REFERENCES peering_internetexchangepeeringsession (id) ON DELETE CASCADE,
    direct_session_id BIGINT
        CONSTRAINT fk_sessiontransition_direct_session REFERENCES peering_directpeeringsession (id) ON DELETE CASCADE,
    before {{text}},
    after {{text}},
    reason {{text}}
);
CREATE INDEX ix_peering_sessiontransition_time ON peering_sessiontransition (time);
CREATE INDEX ix_peering_sessiontransition_router ON peering_sessiontransition (router_id);
CREATE INDEX ix_peering_sessiontransition_ix_session ON peering_sessiontransition (ix_session_id);
CREATE INDEX ix_peering_sessiontransition_direct_session ON peering_sessiontransition (direct_session_id);

CREATE TABLE peering_sessionhistory (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    ix_session_id BIGINT
        CONSTRAINT fk_sessionhistory_ix_session REFERENCES peering_internetexchangepeeringsession (id) ON DELETE CASCADE,
    direct_session_id BIGINT
        CONSTRAINT fk_sessionhistory_direct_session REFERENCES peering_directpeeringsession (id) ON DELETE CASCADE,
    hours {{text}}
);
CREATE UNIQUE INDEX unique_sessionhistory_ix_session ON peering_sessionhistory (ix_session_id);
CREATE UNIQUE INDEX unique_sessionhistory_direct_session ON peering_sessionhistory (direct_session_id);
