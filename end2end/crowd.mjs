// A world of the size of the real one where it matters for finding peers: exchanges of ours with 1,675 and 25 times 1,000
// ports, and 50,000 sessions over them. For figures.mjs; everything is fictional and the same each time.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const LARGEST = 1_675;
const OTHERS = 25;
const PORTS = 1_000;
const NETWORKS = 4_000;
const OWN = { asn: 1_000_500, name: "Halyard Networks" };
const MOMENT = { created: "2024-01-01T00:00:00Z", updated: "2026-01-15T08:00:00Z", status: "ok" };

const pick = (list, at) => list[at % list.length];
const ipv4 = (lan, host) => `10.${lan}.${host >> 8}.${host & 255}`;
const ipv6 = (lan, host) => `2001:db8:${lan.toString(16)}::${host.toString(16)}`;

/** PeeringDB's rows, one file for each type. */
export function write(directory) {
  mkdirSync(directory, { recursive: true });
  const put = (namespace, data) => writeFileSync(join(directory, `${namespace}.json`),
    JSON.stringify({ data: data.map((row, at) => ({ id: at + 1, ...row, ...MOMENT })), meta: { generated: 1_768_464_000 } }));
  for (const empty of ["campus", "fac", "carrier", "carrierfac", "ixfac", "netfac"]) put(empty, []);
  put("org", [{ name: "Fictional organisation" }]);
  const lans = Array.from({ length: OTHERS + 1 }, (_, at) => at + 1);
  put("ix", lans.map((lan) => ({ org_id: 1, name: `Crowd-IX ${lan}`, city: "Nowhere", country: "DE", media: "Ethernet", region_continent: "Europe" })));
  put("ixlan", lans.map((lan) => ({ ix_id: lan, mtu: 9000, rs_asn: 0 })));
  put("ixpfx", lans.flatMap((lan) => [
    { ixlan_id: lan, protocol: "IPv4", prefix: `10.${lan}.0.0/16` }, { ixlan_id: lan, protocol: "IPv6", prefix: `2001:db8:${lan.toString(16)}::/48` }]));
  put("net", Array.from({ length: NETWORKS }, (_, at) => ({
    org_id: 1, asn: 1_001_000 + at, name: `${pick(["Alder", "Birch", "Cypress", "Dogwood", "Elm", "Fir", "Ginkgo"], at)} ${pick(["Telecom", "Cloud", "Hosting", "Broadband", "Media"], at * 3)} ${at}`,
    irr_as_set: at % 3 ? `RIPE::AS-CROWD${at}` : "", info_type: pick(["NSP", "Content", "Cable/DSL/ISP", "Enterprise", "Educational/Research", ""], at),
    info_traffic: pick(["0-20Mbps", "1-5Gbps", "20-50Gbps", "100-200Gbps", ""], at * 7), info_ratio: pick(["Balanced", "Mostly Inbound", "Mostly Outbound", ""], at),
    info_scope: pick(["Europe", "Global", "Regional", ""], at), info_prefixes4: at % 900, info_prefixes6: at % 90, info_unicast: true, info_ipv6: true,
    policy_general: pick(["Open", "Open", "Selective", "Restrictive", "No"], at), policy_locations: "Not Required", policy_contracts: pick(["Not Required", "Private Only"], at),
  })));
  put("poc", Array.from({ length: NETWORKS / 4 }, (_, at) => ({ net_id: at * 4 + 1, role: "NOC", visible: "Public", name: "Desk", email: "noc@example.net" })));
  put("netixlan", lans.flatMap((lan) => Array.from({ length: lan === 1 ? LARGEST : PORTS }, (_, at) => {
    const net = lan === 1 ? at * 2 : (at * 4 + lan) % NETWORKS;
    return { net_id: net + 1, ix_id: lan, ixlan_id: lan, asn: 1_001_000 + net, speed: pick([1_000, 10_000, 100_000, 400_000], at), name: `Crowd-IX ${lan}`,
      ipaddr4: at % 40 === 39 ? null : ipv4(lan, at + 10), ipaddr6: at % 11 === 10 ? null : ipv6(lan, at + 10),
      is_rs_peer: at % 2 === 0, bfd_support: at % 5 === 0, operational: at % 60 !== 59 };
  })));
}

/** Our side: an exchange and a connection for each LAN, and sessions with nearly everybody. Gives the largest exchange's id. */
export async function settle(call) {
  const create = async (type, fields) => (await call("records/save", { edit: { type, fields } })).record.rows[0][0];
  const own = await create("peering.autonomoussystem", { ...OWN, affiliated: true });
  let largest = 0;
  let made = 0;
  for (let lan = 1; lan <= OTHERS + 1; lan += 1) {
    const exchange = await create("peering.internetexchange",
      { name: `Crowd-IX ${lan}`, slug: `crowd-ix-${lan}`, local_autonomous_system: own, peeringdb_ixlan: lan });
    const connection = await create("net.connection",
      { internet_exchange_point: exchange, ipv4_address: `${ipv4(lan, 1)}/16`, ipv6_address: `${ipv6(lan, 1)}/48` });
    if (lan === 1) largest = exchange;
    const { ports } = await call("peers/available", { at: { exchange } });
    const free = ports.flatMap((port) => [4, 6].filter((family, at) => port.standing[0][at] === "free")
      .map((family) => ({ port: port.id, connection, family })));
    // every third at the largest, so that there is something of everything
    const wanted = (lan === 1 ? free.filter((_, at) => at % 3 === 0) : free).slice(0, 50_000 - made);
    made += wanted.length;
    if (wanted.length > 0) await call("peers/create-sessions", { sessions: wanted });
  }
  return { exchange: largest, sessions: made };
}
