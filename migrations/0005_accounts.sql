-- What people may do, for one and for several; lists as somebody wants to see them again.

CREATE TABLE users_group (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    permissions {{text}} NOT NULL
);
CREATE UNIQUE INDEX unique_group_name ON users_group (name);

CREATE TABLE users_user_groups (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_user_groups_owner REFERENCES users_user (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_user_groups REFERENCES users_group (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_users_user_groups_target ON users_user_groups (target_id);

ALTER TABLE users_user ADD COLUMN permissions {{text}} NOT NULL DEFAULT '[]';

-- Whoever could sign in until now saw everything but accounts: they still do.
INSERT INTO users_group (search, name, description, permissions)
    SELECT 'readers see everything but secrets and accounts', 'Readers', 'See everything but secrets and accounts', '[
"*.view_*"
,
"devices.view_router_configuration"
]'
    WHERE EXISTS (SELECT 1 FROM users_user WHERE NOT is_superuser);
INSERT INTO users_user_groups (owner_id, target_id)
    SELECT users_user.id, users_group.id FROM users_user, users_group WHERE NOT users_user.is_superuser;

CREATE TABLE extras_savedview (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    user_id BIGINT NOT NULL
        CONSTRAINT fk_savedview_user REFERENCES users_user (id) ON DELETE CASCADE,
    object_type {{text}} NOT NULL,
    name {{text}} NOT NULL,
    query {{text}} NOT NULL,
    shared BOOLEAN NOT NULL,
    created BIGINT
);
CREATE UNIQUE INDEX unique_savedview_user_type_name ON extras_savedview (user_id, object_type, name);
CREATE INDEX ix_extras_savedview_object_type ON extras_savedview (object_type);
