-- What a search reads of every session, connection and port, without the rest of their rows.

CREATE INDEX ix_peering_internetexchangepeeringsession_search
    ON peering_internetexchangepeeringsession (search, autonomous_system_id, ixp_connection_id);
CREATE INDEX ix_peering_directpeeringsession_search
    ON peering_directpeeringsession (search, autonomous_system_id, relationship_id);
CREATE INDEX ix_net_connection_search
    ON net_connection (search, internet_exchange_point_id, router_id);
CREATE INDEX ix_peeringdb_networkixlan_search ON peeringdb_networkixlan (search, net_id, ixlan_id);
