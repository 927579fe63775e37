-- Policy and direct peering: communities, relationships, BFD, routing policies, BGP groups, direct sessions, hidden peers; what
-- networks, routers, exchanges and IX sessions say of them.

CREATE TABLE bgp_community (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    value {{text}} NOT NULL,
    type {{text}},
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_community_name ON bgp_community (name);
CREATE UNIQUE INDEX unique_community_slug ON bgp_community (slug);
CREATE INDEX ix_bgp_community_value ON bgp_community (value);

CREATE TABLE bgp_community_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_community_tags_owner REFERENCES bgp_community (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_community_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_bgp_community_tags_target ON bgp_community_tags (target_id);

CREATE TABLE bgp_relationship (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    color {{text}} NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_relationship_name ON bgp_relationship (name);
CREATE UNIQUE INDEX unique_relationship_slug ON bgp_relationship (slug);

CREATE TABLE bgp_relationship_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_relationship_tags_owner REFERENCES bgp_relationship (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_relationship_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_bgp_relationship_tags_target ON bgp_relationship_tags (target_id);

CREATE TABLE net_bfd (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    minimum_transmit_interval BIGINT NOT NULL,
    minimum_receive_interval BIGINT NOT NULL,
    detection_multiplier BIGINT NOT NULL,
    hold_time BIGINT NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_bfd_name ON net_bfd (name);
CREATE UNIQUE INDEX unique_bfd_slug ON net_bfd (slug);

CREATE TABLE net_bfd_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_bfd_tags_owner REFERENCES net_bfd (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_bfd_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_net_bfd_tags_target ON net_bfd_tags (target_id);

CREATE TABLE peering_routingpolicy (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    type {{text}} NOT NULL,
    weight BIGINT NOT NULL,
    address_family BIGINT NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_routingpolicy_name ON peering_routingpolicy (name);
CREATE UNIQUE INDEX unique_routingpolicy_slug ON peering_routingpolicy (slug);
CREATE INDEX ix_peering_routingpolicy_weight ON peering_routingpolicy (weight);
CREATE INDEX ix_peering_routingpolicy_address_family ON peering_routingpolicy (address_family);

CREATE TABLE peering_routingpolicy_communities (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_routingpolicy_communities_owner REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_routingpolicy_communities REFERENCES bgp_community (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_routingpolicy_communities_target ON peering_routingpolicy_communities (target_id);

CREATE TABLE peering_routingpolicy_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_routingpolicy_tags_owner REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_routingpolicy_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_routingpolicy_tags_target ON peering_routingpolicy_tags (target_id);

CREATE TABLE peering_bgpgroup (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    slug {{text}} NOT NULL,
    status {{text}} NOT NULL,
    description {{text}} NOT NULL,
    local_context_data {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_bgpgroup_name ON peering_bgpgroup (name);
CREATE UNIQUE INDEX unique_bgpgroup_slug ON peering_bgpgroup (slug);

CREATE TABLE peering_bgpgroup_import_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_import_routing_policies_owner REFERENCES peering_bgpgroup (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_import_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_bgpgroup_import_routing_policies_target ON peering_bgpgroup_import_routing_policies (target_id);

CREATE TABLE peering_bgpgroup_export_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_export_routing_policies_owner REFERENCES peering_bgpgroup (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_export_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_bgpgroup_export_routing_policies_target ON peering_bgpgroup_export_routing_policies (target_id);

CREATE TABLE peering_bgpgroup_communities (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_communities_owner REFERENCES peering_bgpgroup (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_communities REFERENCES bgp_community (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_bgpgroup_communities_target ON peering_bgpgroup_communities (target_id);

CREATE TABLE peering_bgpgroup_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_tags_owner REFERENCES peering_bgpgroup (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_bgpgroup_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_bgpgroup_tags_target ON peering_bgpgroup_tags (target_id);

CREATE TABLE peering_directpeeringsession (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    autonomous_system_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_autonomous_system REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    ip_address {{text}} NOT NULL,
    ip_address_key {{text}} NOT NULL,
    relationship_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_relationship REFERENCES bgp_relationship (id) ON DELETE RESTRICT,
    bgp_group_id BIGINT
        CONSTRAINT fk_directpeeringsession_bgp_group REFERENCES peering_bgpgroup (id) ON DELETE SET NULL,
    local_autonomous_system_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_local_autonomous_system REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    local_ip_address {{text}},
    local_ip_address_key {{text}},
    router_id BIGINT
        CONSTRAINT fk_directpeeringsession_router REFERENCES devices_router (id) ON DELETE SET NULL,
    connection_id BIGINT
        CONSTRAINT fk_directpeeringsession_connection REFERENCES net_connection (id) ON DELETE SET NULL,
    status {{text}} NOT NULL,
    service_reference {{text}},
    password {{text}},
    encrypted_password {{text}},
    multihop_ttl BIGINT NOT NULL,
    passive BOOLEAN NOT NULL,
    bfd_id BIGINT
        CONSTRAINT fk_directpeeringsession_bfd REFERENCES net_bfd (id) ON DELETE SET NULL,
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
CREATE INDEX ix_peering_directpeeringsession_autonomous_system ON peering_directpeeringsession (autonomous_system_id);
CREATE INDEX ix_peering_directpeeringsession_ip_address_key ON peering_directpeeringsession (ip_address_key);
CREATE INDEX ix_peering_directpeeringsession_relationship ON peering_directpeeringsession (relationship_id);
CREATE INDEX ix_peering_directpeeringsession_bgp_group ON peering_directpeeringsession (bgp_group_id);
CREATE INDEX ix_peering_directpeeringsession_local_autonomous_system ON peering_directpeeringsession (local_autonomous_system_id);
CREATE INDEX ix_peering_directpeeringsession_local_ip_address_key ON peering_directpeeringsession (local_ip_address_key);
CREATE INDEX ix_peering_directpeeringsession_router ON peering_directpeeringsession (router_id);
CREATE INDEX ix_peering_directpeeringsession_connection ON peering_directpeeringsession (connection_id);
CREATE INDEX ix_peering_directpeeringsession_service_reference ON peering_directpeeringsession (service_reference);
CREATE INDEX ix_peering_directpeeringsession_bfd ON peering_directpeeringsession (bfd_id);

CREATE TABLE peering_directpeeringsession_import_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_import_routing_policies_owner REFERENCES peering_directpeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_import_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_directpeeringsession_import_routing_policies_target ON peering_directpeeringsession_import_routing_policies (target_id);

CREATE TABLE peering_directpeeringsession_export_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_export_routing_policies_owner REFERENCES peering_directpeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_export_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_directpeeringsession_export_routing_policies_target ON peering_directpeeringsession_export_routing_policies (target_id);

CREATE TABLE peering_directpeeringsession_communities (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_communities_owner REFERENCES peering_directpeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_communities REFERENCES bgp_community (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_directpeeringsession_communities_target ON peering_directpeeringsession_communities (target_id);

CREATE TABLE peering_directpeeringsession_tags (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_tags_owner REFERENCES peering_directpeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_directpeeringsession_tags REFERENCES extras_tag (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_directpeeringsession_tags_target ON peering_directpeeringsession_tags (target_id);

CREATE TABLE peeringdb_hiddenpeer (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    peeringdb_network_id BIGINT
        CONSTRAINT fk_hiddenpeer_peeringdb_network REFERENCES peeringdb_network (id) ON DELETE SET NULL,
    peeringdb_ixlan_id BIGINT
        CONSTRAINT fk_hiddenpeer_peeringdb_ixlan REFERENCES peeringdb_ixlan (id) ON DELETE SET NULL,
    until BIGINT,
    comments {{text}} NOT NULL,
    peeringdb_network_id_copy BIGINT,
    peeringdb_ixlan_id_copy BIGINT,
    created BIGINT,
    updated BIGINT
);
CREATE UNIQUE INDEX unique_hiddenpeer_copies ON peeringdb_hiddenpeer (peeringdb_network_id_copy, peeringdb_ixlan_id_copy);
CREATE INDEX ix_peeringdb_hiddenpeer_peeringdb_network ON peeringdb_hiddenpeer (peeringdb_network_id);
CREATE INDEX ix_peeringdb_hiddenpeer_peeringdb_ixlan ON peeringdb_hiddenpeer (peeringdb_ixlan_id);
CREATE INDEX ix_peeringdb_hiddenpeer_until ON peeringdb_hiddenpeer (until);

CREATE TABLE peering_autonomoussystem_import_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_import_routing_policies_owner REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_import_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_autonomoussystem_import_routing_policies_target ON peering_autonomoussystem_import_routing_policies (target_id);

CREATE TABLE peering_autonomoussystem_export_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_export_routing_policies_owner REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_export_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_autonomoussystem_export_routing_policies_target ON peering_autonomoussystem_export_routing_policies (target_id);

CREATE TABLE peering_autonomoussystem_communities (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_communities_owner REFERENCES peering_autonomoussystem (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_autonomoussystem_communities REFERENCES bgp_community (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_autonomoussystem_communities_target ON peering_autonomoussystem_communities (target_id);

CREATE TABLE devices_router_communities (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_router_communities_owner REFERENCES devices_router (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_router_communities REFERENCES bgp_community (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_devices_router_communities_target ON devices_router_communities (target_id);

CREATE TABLE peering_internetexchange_import_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_import_routing_policies_owner REFERENCES peering_internetexchange (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_import_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchange_import_routing_policies_target ON peering_internetexchange_import_routing_policies (target_id);

CREATE TABLE peering_internetexchange_export_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_export_routing_policies_owner REFERENCES peering_internetexchange (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_export_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchange_export_routing_policies_target ON peering_internetexchange_export_routing_policies (target_id);

CREATE TABLE peering_internetexchange_communities (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_communities_owner REFERENCES peering_internetexchange (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchange_communities REFERENCES bgp_community (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchange_communities_target ON peering_internetexchange_communities (target_id);

CREATE TABLE peering_internetexchangepeeringsession_import_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_import_routing_policies_owner REFERENCES peering_internetexchangepeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_import_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchangepeeringsession_import_routing_polici ON peering_internetexchangepeeringsession_import_routing_policies (target_id);

CREATE TABLE peering_internetexchangepeeringsession_export_routing_policies (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_export_routing_policies_owner REFERENCES peering_internetexchangepeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_export_routing_policies REFERENCES peering_routingpolicy (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchangepeeringsession_export_routing_polici ON peering_internetexchangepeeringsession_export_routing_policies (target_id);

CREATE TABLE peering_internetexchangepeeringsession_communities (
    owner_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_communities_owner REFERENCES peering_internetexchangepeeringsession (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangepeeringsession_communities REFERENCES bgp_community (id) ON DELETE CASCADE,
    PRIMARY KEY (owner_id, target_id)
);
CREATE INDEX ix_peering_internetexchangepeeringsession_communities_target ON peering_internetexchangepeeringsession_communities (target_id);

ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN bfd_id BIGINT
    CONSTRAINT fk_internetexchangepeeringsession_bfd REFERENCES net_bfd (id) ON DELETE SET NULL;
CREATE INDEX ix_peering_internetexchangepeeringsession_bfd ON peering_internetexchangepeeringsession (bfd_id);

-- The affiliated AS that somebody works as.
ALTER TABLE users_user ADD COLUMN context_as_id BIGINT
    CONSTRAINT fk_user_context_as REFERENCES peering_autonomoussystem (id) ON DELETE SET NULL;
CREATE INDEX ix_users_user_context_as ON users_user (context_as_id);
