-- How somebody likes the pages to be: a row of each person who chose something.

CREATE TABLE users_preferences (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    user_id BIGINT NOT NULL
        CONSTRAINT fk_preferences_user REFERENCES users_user (id) ON DELETE CASCADE,
    data {{text}}
);
CREATE UNIQUE INDEX unique_preferences_user ON users_preferences (user_id);
