-- Who may sign in, and the keys that stand for them.

CREATE TABLE users_user (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    username {{text}} NOT NULL,
    first_name {{text}} NOT NULL,
    last_name {{text}} NOT NULL,
    email {{text}} NOT NULL,
    password {{text}} NOT NULL,
    is_active BOOLEAN NOT NULL,
    is_superuser BOOLEAN NOT NULL,
    date_joined BIGINT,
    last_login BIGINT
);
CREATE UNIQUE INDEX unique_user_username ON users_user (username);

CREATE TABLE users_token (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    user_id BIGINT NOT NULL
        CONSTRAINT fk_token_user REFERENCES users_user (id) ON DELETE CASCADE,
    digest {{text}} NOT NULL,
    hint {{text}} NOT NULL,
    write_enabled BOOLEAN NOT NULL,
    description {{text}} NOT NULL,
    allowed_ips {{text}} NOT NULL,
    expires BIGINT,
    created BIGINT,
    last_used BIGINT
);
CREATE UNIQUE INDEX unique_token_digest ON users_token (digest);
CREATE INDEX ix_users_token_user ON users_token (user_id);
CREATE INDEX ix_users_token_created ON users_token (created);

CREATE TABLE users_signin (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    user_id BIGINT NOT NULL
        CONSTRAINT fk_signin_user REFERENCES users_user (id) ON DELETE CASCADE,
    digest {{text}} NOT NULL,
    browser {{text}} NOT NULL,
    created BIGINT,
    expires BIGINT
);
CREATE UNIQUE INDEX unique_signin_digest ON users_signin (digest);
CREATE INDEX ix_users_signin_user ON users_signin (user_id);
CREATE INDEX ix_users_signin_created ON users_signin (created);
