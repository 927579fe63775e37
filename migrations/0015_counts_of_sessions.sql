-- A count that a router does not tell is not known, and not 0; what stands there is told again by the next poll. Where FRR waits for
-- a peer's OPEN nothing went wrong.

ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN received BIGINT;
ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN accepted BIGINT;
ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN advertised BIGINT;
UPDATE peering_internetexchangepeeringsession SET received = NULLIF(received_prefix_count, 0),
    accepted = NULLIF(accepted_prefix_count, 0), advertised = NULLIF(advertised_prefix_count, 0),
    last_error = NULLIF(last_error, 'Waiting for peer OPEN');
ALTER TABLE peering_internetexchangepeeringsession DROP COLUMN received_prefix_count;
ALTER TABLE peering_internetexchangepeeringsession DROP COLUMN accepted_prefix_count;
ALTER TABLE peering_internetexchangepeeringsession DROP COLUMN advertised_prefix_count;
ALTER TABLE peering_internetexchangepeeringsession RENAME COLUMN received TO received_prefix_count;
ALTER TABLE peering_internetexchangepeeringsession RENAME COLUMN accepted TO accepted_prefix_count;
ALTER TABLE peering_internetexchangepeeringsession RENAME COLUMN advertised TO advertised_prefix_count;

ALTER TABLE peering_directpeeringsession ADD COLUMN received BIGINT;
ALTER TABLE peering_directpeeringsession ADD COLUMN accepted BIGINT;
ALTER TABLE peering_directpeeringsession ADD COLUMN advertised BIGINT;
UPDATE peering_directpeeringsession SET received = NULLIF(received_prefix_count, 0),
    accepted = NULLIF(accepted_prefix_count, 0), advertised = NULLIF(advertised_prefix_count, 0),
    last_error = NULLIF(last_error, 'Waiting for peer OPEN');
ALTER TABLE peering_directpeeringsession DROP COLUMN received_prefix_count;
ALTER TABLE peering_directpeeringsession DROP COLUMN accepted_prefix_count;
ALTER TABLE peering_directpeeringsession DROP COLUMN advertised_prefix_count;
ALTER TABLE peering_directpeeringsession RENAME COLUMN received TO received_prefix_count;
ALTER TABLE peering_directpeeringsession RENAME COLUMN accepted TO accepted_prefix_count;
ALTER TABLE peering_directpeeringsession RENAME COLUMN advertised TO advertised_prefix_count;

-- How many of the hours of a week a session was up, in percent.
ALTER TABLE peering_internetexchangepeeringsession ADD COLUMN availability BIGINT;
ALTER TABLE peering_directpeeringsession ADD COLUMN availability BIGINT;
