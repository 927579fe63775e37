-- What was changed, by whom and when.

CREATE TABLE core_objectchange (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    time BIGINT NOT NULL,
    user_id BIGINT
        CONSTRAINT fk_objectchange_user REFERENCES users_user (id) ON DELETE SET NULL,
    user_name {{text}} NOT NULL,
    request_id {{text}} NOT NULL,
    action {{text}} NOT NULL,
    changed_object_type {{text}} NOT NULL,
    changed_object_id BIGINT NOT NULL,
    object_repr {{text}} NOT NULL,
    prechange_data {{text}},
    postchange_data {{text}}
);
CREATE INDEX ix_core_objectchange_time ON core_objectchange (time);
CREATE INDEX ix_core_objectchange_user ON core_objectchange (user_id);
CREATE INDEX ix_core_objectchange_changed_object ON core_objectchange (changed_object_id);

-- What was committed, for whoever shows or mirrors it: the numbers rise in the order of the commits, across processes. Kept
-- for a day. Not an object: no description leads to it.
CREATE TABLE core_event (
    id {{id}},
    time BIGINT NOT NULL,
    object_type {{text}} NOT NULL,
    object_id BIGINT NOT NULL,
    object_version BIGINT NOT NULL,
    action {{text}} NOT NULL
);
CREATE INDEX ix_core_event_time ON core_event (time);
