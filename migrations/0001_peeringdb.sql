-- The cache of PeeringDB: its thirteen types under their own ids, and what a synchronisation notes of itself.
-- {{id}} and {{text}} are substituted: a primary key that numbers itself, and text that compares bytewise.

CREATE TABLE peeringdb_organization (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    name_long {{text}},
    aka {{text}},
    website {{text}},
    social_media {{text}},
    notes {{text}},
    address1 {{text}},
    address2 {{text}},
    city {{text}},
    state {{text}},
    suite {{text}},
    floor {{text}},
    zipcode {{text}},
    country {{text}},
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_organization_name ON peeringdb_organization (name);

CREATE TABLE peeringdb_campus (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    org_id BIGINT
        CONSTRAINT fk_campus_org REFERENCES peeringdb_organization (id) ON DELETE SET NULL,
    name_long {{text}},
    aka {{text}},
    website {{text}},
    social_media {{text}},
    notes {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_campus_name ON peeringdb_campus (name);
CREATE INDEX ix_peeringdb_campus_org ON peeringdb_campus (org_id);

CREATE TABLE peeringdb_facility (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    org_id BIGINT
        CONSTRAINT fk_facility_org REFERENCES peeringdb_organization (id) ON DELETE SET NULL,
    campus_id BIGINT
        CONSTRAINT fk_facility_campus REFERENCES peeringdb_campus (id) ON DELETE SET NULL,
    name_long {{text}},
    aka {{text}},
    website {{text}},
    social_media {{text}},
    address1 {{text}},
    address2 {{text}},
    city {{text}},
    state {{text}},
    suite {{text}},
    floor {{text}},
    zipcode {{text}},
    country {{text}},
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    region_continent {{text}},
    clli {{text}},
    rencode {{text}},
    npanxx {{text}},
    tech_email {{text}},
    tech_phone {{text}},
    sales_email {{text}},
    sales_phone {{text}},
    property {{text}},
    diverse_serving_substations BOOLEAN,
    available_voltage_services {{text}} NOT NULL,
    notes {{text}},
    status_dashboard {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_facility_name ON peeringdb_facility (name);
CREATE INDEX ix_peeringdb_facility_org ON peeringdb_facility (org_id);
CREATE INDEX ix_peeringdb_facility_campus ON peeringdb_facility (campus_id);

CREATE TABLE peeringdb_carrier (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    org_id BIGINT
        CONSTRAINT fk_carrier_org REFERENCES peeringdb_organization (id) ON DELETE SET NULL,
    name_long {{text}},
    aka {{text}},
    website {{text}},
    social_media {{text}},
    notes {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_carrier_name ON peeringdb_carrier (name);
CREATE INDEX ix_peeringdb_carrier_org ON peeringdb_carrier (org_id);

CREATE TABLE peeringdb_carrierfacility (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    carrier_id BIGINT NOT NULL
        CONSTRAINT fk_carrierfacility_carrier REFERENCES peeringdb_carrier (id) ON DELETE CASCADE,
    fac_id BIGINT NOT NULL
        CONSTRAINT fk_carrierfacility_fac REFERENCES peeringdb_facility (id) ON DELETE CASCADE,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_carrierfacility_carrier ON peeringdb_carrierfacility (carrier_id);
CREATE INDEX ix_peeringdb_carrierfacility_fac ON peeringdb_carrierfacility (fac_id);

CREATE TABLE peeringdb_network (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    asn BIGINT NOT NULL,
    name {{text}} NOT NULL,
    org_id BIGINT
        CONSTRAINT fk_network_org REFERENCES peeringdb_organization (id) ON DELETE SET NULL,
    name_long {{text}},
    aka {{text}},
    irr_as_set {{text}},
    policy_general {{text}},
    info_type {{text}},
    info_types {{text}} NOT NULL,
    info_traffic {{text}},
    info_ratio {{text}},
    info_scope {{text}},
    info_prefixes4 BIGINT,
    info_prefixes6 BIGINT,
    info_unicast BOOLEAN,
    info_multicast BOOLEAN,
    info_ipv6 BOOLEAN,
    info_never_via_route_servers BOOLEAN,
    policy_url {{text}},
    policy_locations {{text}},
    policy_ratio BOOLEAN,
    policy_contracts {{text}},
    website {{text}},
    looking_glass {{text}},
    route_server {{text}},
    social_media {{text}},
    notes {{text}},
    notes_private {{text}},
    status_dashboard {{text}},
    rir_status {{text}},
    rir_status_updated BIGINT,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_network_asn ON peeringdb_network (asn);
CREATE INDEX ix_peeringdb_network_org ON peeringdb_network (org_id);

CREATE TABLE peeringdb_internetexchange (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    name {{text}} NOT NULL,
    org_id BIGINT
        CONSTRAINT fk_internetexchange_org REFERENCES peeringdb_organization (id) ON DELETE SET NULL,
    name_long {{text}},
    aka {{text}},
    city {{text}},
    country {{text}},
    region_continent {{text}},
    media {{text}},
    proto_unicast BOOLEAN,
    proto_multicast BOOLEAN,
    proto_ipv6 BOOLEAN,
    website {{text}},
    social_media {{text}},
    url_stats {{text}},
    tech_email {{text}},
    tech_phone {{text}},
    policy_email {{text}},
    policy_phone {{text}},
    sales_email {{text}},
    sales_phone {{text}},
    ixf_net_count BIGINT,
    ixf_last_import BIGINT,
    service_level {{text}},
    terms {{text}},
    notes {{text}},
    status_dashboard {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_internetexchange_name ON peeringdb_internetexchange (name);
CREATE INDEX ix_peeringdb_internetexchange_org ON peeringdb_internetexchange (org_id);

CREATE TABLE peeringdb_internetexchangefacility (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    ix_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangefacility_ix REFERENCES peeringdb_internetexchange (id) ON DELETE CASCADE,
    fac_id BIGINT NOT NULL
        CONSTRAINT fk_internetexchangefacility_fac REFERENCES peeringdb_facility (id) ON DELETE CASCADE,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_internetexchangefacility_ix ON peeringdb_internetexchangefacility (ix_id);
CREATE INDEX ix_peeringdb_internetexchangefacility_fac ON peeringdb_internetexchangefacility (fac_id);

CREATE TABLE peeringdb_ixlan (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    ix_id BIGINT NOT NULL
        CONSTRAINT fk_ixlan_ix REFERENCES peeringdb_internetexchange (id) ON DELETE CASCADE,
    name {{text}},
    descr {{text}},
    mtu BIGINT,
    vlan BIGINT,
    dot1q_support BOOLEAN,
    rs_asn BIGINT,
    arp_sponge {{text}},
    ixf_ixp_member_list_url {{text}},
    ixf_ixp_member_list_url_visible {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_ixlan_ix ON peeringdb_ixlan (ix_id);
CREATE INDEX ix_peeringdb_ixlan_rs_asn ON peeringdb_ixlan (rs_asn);

CREATE TABLE peeringdb_ixlanprefix (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    ixlan_id BIGINT NOT NULL
        CONSTRAINT fk_ixlanprefix_ixlan REFERENCES peeringdb_ixlan (id) ON DELETE CASCADE,
    prefix {{text}} NOT NULL,
    prefix_key {{text}} NOT NULL,
    protocol {{text}},
    in_dfz BOOLEAN,
    notes {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_ixlanprefix_ixlan ON peeringdb_ixlanprefix (ixlan_id);
CREATE INDEX ix_peeringdb_ixlanprefix_prefix_key ON peeringdb_ixlanprefix (prefix_key);

CREATE TABLE peeringdb_networkfacility (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    net_id BIGINT NOT NULL
        CONSTRAINT fk_networkfacility_net REFERENCES peeringdb_network (id) ON DELETE CASCADE,
    fac_id BIGINT NOT NULL
        CONSTRAINT fk_networkfacility_fac REFERENCES peeringdb_facility (id) ON DELETE CASCADE,
    local_asn BIGINT,
    avail_sonet BOOLEAN,
    avail_ethernet BOOLEAN,
    avail_atm BOOLEAN,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_networkfacility_net ON peeringdb_networkfacility (net_id);
CREATE INDEX ix_peeringdb_networkfacility_fac ON peeringdb_networkfacility (fac_id);
CREATE INDEX ix_peeringdb_networkfacility_local_asn ON peeringdb_networkfacility (local_asn);

CREATE TABLE peeringdb_networkixlan (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    asn BIGINT NOT NULL,
    net_id BIGINT NOT NULL
        CONSTRAINT fk_networkixlan_net REFERENCES peeringdb_network (id) ON DELETE CASCADE,
    ixlan_id BIGINT NOT NULL
        CONSTRAINT fk_networkixlan_ixlan REFERENCES peeringdb_ixlan (id) ON DELETE CASCADE,
    ipaddr4 {{text}},
    ipaddr4_key {{text}},
    ipaddr6 {{text}},
    ipaddr6_key {{text}},
    speed BIGINT,
    is_rs_peer BOOLEAN,
    bfd_support BOOLEAN,
    operational BOOLEAN,
    notes {{text}},
    net_side_id BIGINT
        CONSTRAINT fk_networkixlan_net_side REFERENCES peeringdb_facility (id) ON DELETE SET NULL,
    ix_side_id BIGINT
        CONSTRAINT fk_networkixlan_ix_side REFERENCES peeringdb_facility (id) ON DELETE SET NULL,
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_networkixlan_asn ON peeringdb_networkixlan (asn);
CREATE INDEX ix_peeringdb_networkixlan_net ON peeringdb_networkixlan (net_id);
CREATE INDEX ix_peeringdb_networkixlan_ixlan ON peeringdb_networkixlan (ixlan_id);
CREATE INDEX ix_peeringdb_networkixlan_ipaddr4_key ON peeringdb_networkixlan (ipaddr4_key);
CREATE INDEX ix_peeringdb_networkixlan_ipaddr6_key ON peeringdb_networkixlan (ipaddr6_key);
CREATE INDEX ix_peeringdb_networkixlan_net_side ON peeringdb_networkixlan (net_side_id);
CREATE INDEX ix_peeringdb_networkixlan_ix_side ON peeringdb_networkixlan (ix_side_id);

CREATE TABLE peeringdb_networkcontact (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    net_id BIGINT NOT NULL
        CONSTRAINT fk_networkcontact_net REFERENCES peeringdb_network (id) ON DELETE CASCADE,
    role {{text}},
    name {{text}},
    email {{text}},
    phone {{text}},
    url {{text}},
    visible {{text}},
    created BIGINT,
    updated BIGINT
);
CREATE INDEX ix_peeringdb_networkcontact_net ON peeringdb_networkcontact (net_id);

CREATE TABLE peeringdb_synchronisation (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    time BIGINT NOT NULL,
    as_of BIGINT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    source {{text}} NOT NULL,
    failure {{text}} NOT NULL
);
CREATE INDEX ix_peeringdb_synchronisation_time ON peeringdb_synchronisation (time);

CREATE TABLE peeringdb_cursor (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    namespace {{text}} NOT NULL,
    since BIGINT NOT NULL,
    taken BIGINT
);
CREATE UNIQUE INDEX unique_cursor_namespace ON peeringdb_cursor (namespace);

CREATE TABLE peeringdb_rejected (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    namespace {{text}} NOT NULL,
    object_id BIGINT NOT NULL,
    reason {{text}} NOT NULL,
    data {{text}},
    since BIGINT
);
CREATE UNIQUE INDEX unique_rejected_namespace_object ON peeringdb_rejected (namespace, object_id);
