// Where specs start from: PeeringDB's rows as the demonstration has them, the server's functions as a script calls them,
// and an operator's world made with both, in which there is one of everything.
//
//   import { expect, test } from "./world";
//   test("…", async ({ page, world, signIn }) => …);       world: seeded once for each worker
//
// `rows` in front of `test` of main-job.spec.ts: the same directory of JSON files without the world.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "@playwright/test";
import { ADMIN, type Peerage, test as base } from "./fixtures";

export { expect } from "./fixtures";

export const OPERATOR = { asn: 1000500, name: "Halyard Networks" };
export const EXCHANGE = "Northgate IX";

type Row = Record<string, unknown>;

/** A directory with one JSON file for each PeeringDB type, as `peerage demo --write` makes it. */
export interface Rows {
  directory: string;
  of(namespace: string): Row[];
  /** A network has another name since, a day later. */
  rename(asn: number, name: string): void;
  /** The operator's own addresses on the exchange's LAN, with prefix length. */
  own: { ipv4: string; ipv6: string };
}

/** The server's functions, as a script with a token calls them. */
export type Call = <T = any>(path: string, argument?: object) => Promise<T>;

export interface World {
  call: Call;
  /** Ids by what they are. */
  asn: number;
  platform: number;
  template: number;
  router: number;
  /** A router that has no template. */
  spare: number;
  exchange: number;
  connection: number;
  sessions: number[];
  /** One of the groups of people that a new installation has. */
  group: number;
}

async function write(peerage: Peerage): Promise<Rows> {
  const directory = mkdtempSync(join(tmpdir(), "peerage-rows-"));
  await peerage.run(["demo", "--write", directory]);
  const file = (namespace: string) => join(directory, `${namespace}.json`);
  const of = (namespace: string): Row[] => JSON.parse(readFileSync(file(namespace), "utf8")).data;
  const rename = (asn: number, name: string) => {
    const data = of("net").map((row) => row.asn === asn ? { ...row, name, updated: "2026-01-16T08:00:00Z" } : row);
    writeFileSync(file("net"), JSON.stringify({ data, meta: { generated: Date.UTC(2026, 0, 16, 8) / 1000 } }));
  };
  const lan = of("ix").find((row) => row.name === EXCHANGE)!.id;
  const port = of("netixlan").find((row) => row.asn === OPERATOR.asn && row.ixlan_id === lan)!;
  const length = (protocol: string) =>
    String(of("ixpfx").find((row) => row.ixlan_id === lan && row.protocol === protocol)!.prefix).split("/")[1];
  return { directory, of, rename, own: { ipv4: `${port.ipaddr4}/${length("IPv4")}`, ipv6: `${port.ipaddr6}/${length("IPv6")}` } };
}

async function calling(peerage: Peerage): Promise<Call> {
  const key = (await peerage.run(["token", "create", "admin"])).trim();
  return async (path, argument = {}) => {
    const answer = await fetch(`${peerage.address}/fn/${path}`, {
      method: "POST",
      headers: { authorization: `Token ${key}`, "content-type": "application/json" },
      body: JSON.stringify(argument),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} ${JSON.stringify(argument)}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

async function seed(peerage: Peerage, rows: Rows, call: Call): Promise<World> {
  await peerage.run(["peeringdb", "sync", "--from", rows.directory]);
  const create = async (type: string, fields: object): Promise<number> =>
    (await call("records/save", { edit: { type, fields } })).record.rows[0][0];
  const tag = await create("extras.tag", { name: "Core", slug: "core" });
  const asn = await create("peering.autonomoussystem", { ...OPERATOR, affiliated: true, tags: [tag] });
  // as every installation has it
  const first = async (type: string, filter: string): Promise<number> =>
    (await call("records/list", { request: { type, filter, fields: ["name"] } })).records.rows[0][0];
  const platform = await first("devices.platform", "slug:frr");
  const group = await first("users.group", "");
  const starter = (await call("rendering/starters")).find((starter: { name: string }) => /frr/i.test(starter.name));
  const template = await create("devices.configuration",
    { name: "frr", template: starter.template, jinja2_trim: starter.trim, jinja2_lstrip: starter.lstrip });
  const router = await create("devices.router", { name: "edge-1", hostname: "edge-1.example.net", platform,
    local_autonomous_system: asn, configuration_template: template, local_context_data: { router_id: "192.0.2.1" } });
  const spare = await create("devices.router", { name: "spare-1", hostname: "spare-1.example.net", local_autonomous_system: asn });
  const lan = rows.of("ix").find((row) => row.name === EXCHANGE)!.id;
  const exchange = await create("peering.internetexchange",
    { name: EXCHANGE, slug: "northgate-ix", local_autonomous_system: asn, peeringdb_ixlan: lan });
  const connection = await create("net.connection", { internet_exchange_point: exchange, router, interface: "et-0/0/1",
    ipv4_address: rows.own.ipv4, ipv6_address: rows.own.ipv6 });
  const { ports } = await call("peers/available", { at: { exchange } });
  const picks = ports.filter((port: any) => port.standing[0].every((standing: any) => standing === "free")).slice(0, 6)
    .flatMap((port: any) => [4, 6].map((family) => ({ port: port.id, connection, family })));
  const { sessions } = await call("peers/create-sessions", { sessions: picks });
  return { call, asn, platform, template, router, spare, exchange, connection, sessions, group };
}

/** With PeeringDB's rows in a directory. */
const withRows = base.extend<{}, { rows: Rows; call: Call }>({
  rows: [async ({ peerage }, use) => {
    const rows = await write(peerage);
    await use(rows);
    rmSync(rows.directory, { recursive: true, force: true });
  }, { scope: "worker" }],
  call: [async ({ peerage }, use) => use(await calling(peerage)), { scope: "worker" }],
});

/**
 * With PeeringDB's rows and an empty database, for one file: workers with the same fixtures are shared between files, and so are
 * their servers; no other file has this one.
 */
export const alone = () => withRows.extend<{}, { alone: void }>({
  alone: [async ({}, use) => use(), { scope: "worker", auto: true }],
});

/** A browser that is signed in already: the form and its slow hash once for each worker. */
type Signed = { signedIn: () => Promise<void> };
type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

export const test = withRows.extend<Signed, { world: World; cookies: Cookies }>({
  world: [async ({ peerage, rows, call }, use) => use(await seed(peerage, rows, call)), { scope: "worker", timeout: 60_000 }],
  cookies: [async ({ browser, peerage }, use) => {
    const context = await browser.newContext();
    const answer = await context.request.post(`${peerage.address}/fn/accounts/sign-in`, { data: ADMIN });
    if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
    const cookies = await context.cookies();
    await context.close();
    await use(cookies);
  }, { scope: "worker" }],
  signedIn: async ({ context, cookies }, use) => use(() => context.addCookies(cookies)),
});
