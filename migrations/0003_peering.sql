-- What the operator edits: tags, networks, routers, exchanges, sessions.

CREATE TABLE extras_tag (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    color {{text}} NOT NULL,
    description {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_tag_name ON extras_tag (name);
CREATE UNIQUE INDEX unique_tag_slug ON extras_tag (slug);

CREATE TABLE peering_autonomoussystem (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    asn BIGINT NOT NULL,
    name {{text}} NOT NULL,
    affiliated BOOLEAN NOT NULL,
    irr_as_set {{text}},
    ipv6_max_prefixes BIGINT,
    ipv4_max_prefixes BIGINT,
    name_peeringdb_sync BOOLEAN NOT NULL,
    irr_as_set_peeringdb_sync BOOLEAN NOT NULL,
    ipv6_max_prefixes_peeringdb_sync BOOLEAN NOT NULL,
    ipv4_max_prefixes_peeringdb_sync BOOLEAN NOT NULL,
    retrieve_prefixes BOOLEAN NOT NULL,
    retrieve_as_list BOOLEAN NOT NULL,
    irr_sources_override {{text}} NOT NULL,
    irr_ipv6_prefixes_args_override {{text}} NOT NULL,
    irr_ipv4_prefixes_args_override {{text}} NOT NULL,
    prefixes {{text}},
    as_list {{text}} NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_autonomoussystem_asn ON peering_autonomoussystem (asn);

CREATE TABLE peering_autonomoussystem_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_tags_owner REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_autonomoussystem_tags_target ON peering_autonomoussystem_tags (target_id);

CREATE TABLE devices_platform (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    napalm_driver {{text}} NOT NULL,
    napalm_args {{text}},
    password_algorithm {{text}} NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_platform_name ON devices_platform (name);
CREATE UNIQUE INDEX unique_platform_slug ON devices_platform (slug);

CREATE TABLE devices_platform_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_platform_tags_owner REFERENCES devices_platform (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_platform_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_devices_platform_tags_target ON devices_platform_tags (target_id);

CREATE TABLE devices_configuration (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    template {{text}} NOT NULL,
    jinja2_trim BOOLEAN NOT NULL,
    jinja2_lstrip BOOLEAN NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_devices_configuration_name ON devices_configuration (name);

CREATE TABLE devices_configuration_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_configuration_tags_owner REFERENCES devices_configuration (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_configuration_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_devices_configuration_tags_target ON devices_configuration_tags (target_id);

CREATE TABLE devices_router (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    hostname {{text}} NOT NULL,
    platform_id BIGINT
        CONSTRAINT fk_router_platform REFERENCES devices_platform (id) ON DELETE RESTRICT,
    status {{text}} NOT NULL,
    local_autonomous_system_id BIGINT NOT NULL
        CONSTRAINT fk_router_local_autonomous_system REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    configuration_template_id BIGINT
        CONSTRAINT fk_router_configuration_template REFERENCES devices_configuration (id) ON DELETE SET NULL,
    encrypt_passwords BOOLEAN NOT NULL,
    poll_bgp_sessions_state BOOLEAN NOT NULL,
    poll_bgp_sessions_last_updated BIGINT,
    napalm_username {{text}},
    napalm_password {{text}},
    napalm_timeout BIGINT NOT NULL,
    napalm_args {{text}},
    netbox_device_id BIGINT NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_router_name ON devices_router (name);
CREATE INDEX ix_devices_router_platform ON devices_router (platform_id);
CREATE INDEX ix_devices_router_local_autonomous_system ON devices_router (local_autonomous_system_id);
CREATE INDEX ix_devices_router_configuration_template ON devices_router (configuration_template_id);

CREATE TABLE devices_router_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_router_tags_owner REFERENCES devices_router (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_router_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_devices_router_tags_target ON devices_router_tags (target_id);

CREATE TABLE peering_internetexchange (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    local_autonomous_system_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_local_autonomous_system REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    status {{text}} NOT NULL,
    peeringdb_ixlan_id BIGINT
        CONSTRAINT fk_internetexchange_peeringdb_ixlan REFERENCES peeringdb_ixlan (id) ON DELETE SET NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_internetexchange_as_name ON peering_internetexchange (local_autonomous_system_id, name);
CREATE UNIQUE INDEX unique_internetexchange_as_slug ON peering_internetexchange (local_autonomous_system_id, slug);
CREATE UNIQUE INDEX unique_internetexchange_as_ixlan ON peering_internetexchange (local_autonomous_system_id, peeringdb_ixlan_id);
CREATE INDEX ix_peering_internetexchange_peeringdb_ixlan ON peering_internetexchange (peeringdb_ixlan_id);

CREATE TABLE peering_internetexchange_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_tags_owner REFERENCES peering_internetexchange (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchange_tags_target ON peering_internetexchange_tags (target_id);

CREATE TABLE net_connection (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    internet_exchange_point_id BIGINT
        CONSTRAINT fk_connection_internet_exchange_point REFERENCES peering_internetexchange (id) ON DELETE CASCADE,
    router_id BIGINT
        CONSTRAINT fk_connection_router REFERENCES devices_router (id) ON DELETE SET NULL,
    interface {{text}} NOT NULL,
    status {{text}} NOT NULL,
    ipv6_address {{text}},
    ipv6_address_key {{text}},
    ipv4_address {{text}},
    ipv4_address_key {{text}},
    vlan BIGINT,
    mac_address {{text}},
    peeringdb_netixlan_id BIGINT
        CONSTRAINT fk_connection_peeringdb_netixlan REFERENCES peeringdb_networkixlan (id) ON DELETE SET NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_net_connection_internet_exchange_point ON net_connection (internet_exchange_point_id);
CREATE INDEX ix_net_connection_router ON net_connection (router_id);
CREATE INDEX ix_net_connection_ipv6_address_key ON net_connection (ipv6_address_key);
CREATE INDEX ix_net_connection_ipv4_address_key ON net_connection (ipv4_address_key);
CREATE INDEX ix_net_connection_peeringdb_netixlan ON net_connection (peeringdb_netixlan_id);

CREATE TABLE net_connection_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_connection_tags_owner REFERENCES net_connection (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_connection_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_net_connection_tags_target ON net_connection_tags (target_id);

CREATE TABLE peering_internetexchangepeeringsession (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    autonomous_system_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_autonomous_system REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    ixp_connection_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_ixp_connection REFERENCES net_connection (id) ON DELETE CASCADE,
    ip_address {{text}} NOT NULL,
    ip_address_key {{text}} NOT NULL,
    is_route_server BOOLEAN NOT NULL,
    status {{text}} NOT NULL,
    service_reference {{text}},
    password {{text}},
    encrypted_password {{text}},
    multihop_ttl BIGINT NOT NULL,
    passive BOOLEAN NOT NULL,
    bgp_state {{text}},
    received_prefix_count BIGINT NOT NULL,
    accepted_prefix_count BIGINT NOT NULL,
    advertised_prefix_count BIGINT NOT NULL,
    last_established_state BIGINT,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    comments {{text}} NOT NULL,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_internetexchangepeeringsession_connection_ip ON peering_internetexchangepeeringsession (ixp_connection_id, ip_address);
CREATE INDEX ix_peering_internetexchangepeeringsession_autonomous_system ON peering_internetexchangepeeringsession (autonomous_system_id);
CREATE INDEX ix_peering_internetexchangepeeringsession_ip_address_key ON peering_internetexchangepeeringsession (ip_address_key);
CREATE INDEX ix_peering_internetexchangepeeringsession_service_reference ON peering_internetexchangepeeringsession (service_reference);

CREATE TABLE peering_internetexchangepeeringsession_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_tags_owner REFERENCES peering_internetexchangepeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchangepeeringsession_tags_target ON peering_internetexchangepeeringsession_tags (target_id);
