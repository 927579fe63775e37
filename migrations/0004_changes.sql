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
