-- Contacts, e-mail and export templates, config contexts, journals, webhooks, data sources and IX-API endpoints.

CREATE TABLE core_datasource (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    type {{text}} NOT NULL,
    source_url {{text}} NOT NULL,
    enabled BOOLEAN NOT NULL,
    ignore_rules {{text}} NOT NULL,
    parameters {{text}},
    password {{text}},
    status {{text}} NOT NULL,
    last_synchronised BIGINT,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_datasource_name ON core_datasource (name);

CREATE TABLE core_datasource_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_datasource_tags_owner REFERENCES core_datasource (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_datasource_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_core_datasource_tags_target ON core_datasource_tags (target_id);

CREATE TABLE core_datafile (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    source_id BIGINT NOT NULL
        CONSTRAINT fk_datafile_source REFERENCES core_datasource (id) ON DELETE CASCADE,
    path {{text}} NOT NULL,
    size BIGINT NOT NULL,
    hash {{text}} NOT NULL,
    data {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_datafile_source_path ON core_datafile (source_id, path);

CREATE TABLE extras_configcontext (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    is_active BOOLEAN NOT NULL,
    data {{text}} NOT NULL,
    data_source_id BIGINT
        CONSTRAINT fk_configcontext_data_source REFERENCES core_datasource (id) ON DELETE RESTRICT,
    data_file_id BIGINT
        CONSTRAINT fk_configcontext_data_file REFERENCES core_datafile (id) ON DELETE SET NULL,
    data_path {{text}} NOT NULL,
    auto_synchronisation_enabled BOOLEAN NOT NULL,
    data_synchronised BIGINT,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_configcontext_name ON extras_configcontext (name);
CREATE INDEX ix_extras_configcontext_data_source ON extras_configcontext (data_source_id);
CREATE INDEX ix_extras_configcontext_data_file ON extras_configcontext (data_file_id);

CREATE TABLE extras_exporttemplate (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    content_type {{text}} NOT NULL,
    template {{text}} NOT NULL,
    jinja2_trim BOOLEAN NOT NULL,
    jinja2_lstrip BOOLEAN NOT NULL,
    data_source_id BIGINT
        CONSTRAINT fk_exporttemplate_data_source REFERENCES core_datasource (id) ON DELETE RESTRICT,
    data_file_id BIGINT
        CONSTRAINT fk_exporttemplate_data_file REFERENCES core_datafile (id) ON DELETE SET NULL,
    data_path {{text}} NOT NULL,
    auto_synchronisation_enabled BOOLEAN NOT NULL,
    data_synchronised BIGINT,
    description {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_exporttemplate_type_name ON extras_exporttemplate (content_type, name);
CREATE INDEX ix_extras_exporttemplate_data_source ON extras_exporttemplate (data_source_id);
CREATE INDEX ix_extras_exporttemplate_data_file ON extras_exporttemplate (data_file_id);

CREATE TABLE extras_webhook (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    enabled BOOLEAN NOT NULL,
    content_types {{text}} NOT NULL,
    type_create BOOLEAN NOT NULL,
    type_update BOOLEAN NOT NULL,
    type_delete BOOLEAN NOT NULL,
    payload_url {{text}} NOT NULL,
    http_method {{text}} NOT NULL,
    http_content_type {{text}} NOT NULL,
    additional_headers {{text}} NOT NULL,
    body_template {{text}} NOT NULL,
    secret {{text}},
    conditions {{text}},
    ssl_verification BOOLEAN NOT NULL,
    ca_file_path {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_webhook_name ON extras_webhook (name);
CREATE UNIQUE INDEX unique_webhook_events_url ON extras_webhook (type_create, type_update, type_delete, payload_url);

CREATE TABLE extras_ixapi (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    api_url {{text}} NOT NULL,
    api_key {{text}},
    api_secret {{text}},
    identity {{text}} NOT NULL,
    access_token {{text}},
    refresh_token {{text}},
    access_token_expiration BIGINT,
    refresh_token_expiration BIGINT,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_extras_ixapi_name ON extras_ixapi (name);

CREATE TABLE messaging_contactrole (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_contactrole_name ON messaging_contactrole (name);
CREATE UNIQUE INDEX unique_contactrole_slug ON messaging_contactrole (slug);

CREATE TABLE messaging_contactrole_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_contactrole_tags_owner REFERENCES messaging_contactrole (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_contactrole_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_messaging_contactrole_tags_target ON messaging_contactrole_tags (target_id);

CREATE TABLE messaging_contact (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    title {{text}} NOT NULL,
    phone {{text}} NOT NULL,
    email {{text}} NOT NULL,
    address {{text}} NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_messaging_contact_name ON messaging_contact (name);

CREATE TABLE messaging_contact_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_contact_tags_owner REFERENCES messaging_contact (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_contact_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_messaging_contact_tags_target ON messaging_contact_tags (target_id);

CREATE TABLE messaging_email (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    subject {{text}} NOT NULL,
    template {{text}} NOT NULL,
    jinja2_trim BOOLEAN NOT NULL,
    jinja2_lstrip BOOLEAN NOT NULL,
    data_source_id BIGINT
        CONSTRAINT fk_email_data_source REFERENCES core_datasource (id) ON DELETE RESTRICT,
    data_file_id BIGINT
        CONSTRAINT fk_email_data_file REFERENCES core_datafile (id) ON DELETE SET NULL,
    data_path {{text}} NOT NULL,
    auto_synchronisation_enabled BOOLEAN NOT NULL,
    data_synchronised BIGINT,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_messaging_email_name ON messaging_email (name);
CREATE INDEX ix_messaging_email_data_source ON messaging_email (data_source_id);
CREATE INDEX ix_messaging_email_data_file ON messaging_email (data_file_id);

CREATE TABLE messaging_email_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_email_tags_owner REFERENCES messaging_email (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_email_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_messaging_email_tags_target ON messaging_email_tags (target_id);

CREATE TABLE extras_configcontextassignment (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    content_type {{text}} NOT NULL,
    object_id BIGINT NOT NULL,
    config_context_id BIGINT NOT NULL
        CONSTRAINT fk_configcontextassignment_config_context REFERENCES extras_configcontext (id) ON DELETE RESTRICT,
    weight BIGINT NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_configcontextassignment_object_context ON extras_configcontextassignment (content_type, object_id, config_context_id);
CREATE INDEX ix_extras_configcontextassignment_object ON extras_configcontextassignment (object_id);
CREATE INDEX ix_extras_configcontextassignment_config_context ON extras_configcontextassignment (config_context_id);
CREATE INDEX ix_extras_configcontextassignment_weight ON extras_configcontextassignment (weight);

CREATE TABLE messaging_contactassignment (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    content_type {{text}} NOT NULL,
    object_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL
        CONSTRAINT fk_contactassignment_contact REFERENCES messaging_contact (id) ON DELETE RESTRICT,
    role_id BIGINT NOT NULL
        CONSTRAINT fk_contactassignment_role REFERENCES messaging_contactrole (id) ON DELETE RESTRICT,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_contactassignment_object_contact_role ON messaging_contactassignment (content_type, object_id, contact_id, role_id);
CREATE INDEX ix_messaging_contactassignment_object ON messaging_contactassignment (object_id);
CREATE INDEX ix_messaging_contactassignment_contact ON messaging_contactassignment (contact_id);
CREATE INDEX ix_messaging_contactassignment_role ON messaging_contactassignment (role_id);

CREATE TABLE extras_journalentry (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    assigned_object_type {{text}} NOT NULL,
    assigned_object_id BIGINT NOT NULL,
    kind {{text}} NOT NULL,
    comments {{text}} NOT NULL,
    created_by_id BIGINT
        CONSTRAINT fk_journalentry_created_by REFERENCES users_user (id) ON DELETE SET NULL,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_extras_journalentry_assigned_object ON extras_journalentry (assigned_object_id);
CREATE INDEX ix_extras_journalentry_created_by ON extras_journalentry (created_by_id);
CREATE INDEX ix_extras_journalentry_created ON extras_journalentry (created);

CREATE TABLE extras_journalentry_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_journalentry_tags_owner REFERENCES extras_journalentry (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_journalentry_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_extras_journalentry_tags_target ON extras_journalentry_tags (target_id);

ALTER TABLE devices_configuration ADD COLUMN data_source_id BIGINT
    CONSTRAINT fk_configuration_data_source REFERENCES core_datasource (id) ON DELETE RESTRICT;
ALTER TABLE devices_configuration ADD COLUMN data_file_id BIGINT
    CONSTRAINT fk_configuration_data_file REFERENCES core_datafile (id) ON DELETE SET NULL;
ALTER TABLE devices_configuration ADD COLUMN data_path {{text}} NOT NULL DEFAULT '';
ALTER TABLE devices_configuration ADD COLUMN auto_synchronisation_enabled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE devices_configuration ADD COLUMN data_synchronised BIGINT;
CREATE INDEX ix_devices_configuration_data_source ON devices_configuration (data_source_id);
CREATE INDEX ix_devices_configuration_data_file ON devices_configuration (data_file_id);

ALTER TABLE devices_router ADD COLUMN data_source_id BIGINT
    CONSTRAINT fk_router_data_source REFERENCES core_datasource (id) ON DELETE RESTRICT;
ALTER TABLE devices_router ADD COLUMN data_path {{text}};
ALTER TABLE devices_router ADD COLUMN data_file_id BIGINT
    CONSTRAINT fk_router_data_file REFERENCES core_datafile (id) ON DELETE SET NULL;
ALTER TABLE devices_router ADD COLUMN data_pushed BIGINT;
CREATE INDEX ix_devices_router_data_source ON devices_router (data_source_id);
CREATE INDEX ix_devices_router_data_file ON devices_router (data_file_id);

ALTER TABLE peering_internetexchange ADD COLUMN ixapi_endpoint_id BIGINT
    CONSTRAINT fk_internetexchange_ixapi_endpoint REFERENCES extras_ixapi (id) ON DELETE SET NULL;
CREATE INDEX ix_peering_internetexchange_ixapi_endpoint ON peering_internetexchange (ixapi_endpoint_id);

ALTER TABLE users_user ADD COLUMN is_staff BOOLEAN NOT NULL DEFAULT FALSE;
