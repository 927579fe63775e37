// What every flow starts from: the release binary on an empty database of its own, and a page that may not misbehave.
//
//   import { test, expect } from "./fixtures";
//   test("…", async ({ page, signIn, axe, peerage }) => { await signIn(); …; await axe(); });
//
// One server for each Playwright worker. PEERAGE_BIN names another binary; PostgreSQL comes from `.ci/postgres`.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test as base } from "@playwright/test";
import { type AxeResults, source as AXE } from "axe-core";

export { expect };

export type Options = { database: "sqlite" | "postgres" };

const BINARY = resolve(process.env.PEERAGE_BIN ?? join(__dirname, "../target/release/peerage"));
export const ADMIN = { name: "admin", password: "correct horse battery staple" };

export interface Peerage {
  /** http://127.0.0.1:PORT */
  address: string;
  /** Of every server that was started. */
  addresses: string[];
  /** Runs a subcommand on the server's database; gives its standard output. */
  run(args: string[], input?: string): Promise<string>;
  /** Kills the server without a word, and starts it again at the same address. */
  crash(): Promise<void>;
  /** A second server on the same database. */
  another(): Promise<{ address: string; stop: () => Promise<void> }>;
  /** A server on an SQLite database of its own without any user, and what it printed. */
  fresh(): Promise<{ address: string; said: string; stop: () => Promise<void> }>;
}

/** An empty database: its URL, and how to be rid of it. */
function emptyDatabase(kind: Options["database"], dir: string): { url: string; drop: () => void } {
  if (kind === "sqlite") return { url: `sqlite:${join(dir, "peerage.sqlite")}`, drop: () => {} };
  const cluster = process.env.PEERAGE_TEST_POSTGRES;
  if (!cluster) throw new Error("PEERAGE_TEST_POSTGRES is not set: run this through .ci/postgres or make test");
  const name = `end2end_${process.pid}_${Date.now()}`;
  const sql = (text: string) => execFileSync("psql", [cluster, "-qc", text], { stdio: ["ignore", "ignore", "inherit"] });
  sql(`CREATE DATABASE ${name}`);
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => sql(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function listening(server: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk;
      const address = said.match(/listening on (http:\/\/[^\s]+)/)?.[1];
      if (address) done(address.replace(/\/$/, ""));
    };
    server.stdout?.on("data", hear);
    server.stderr?.on("data", hear);
    server.once("error", failed);
    server.once("exit", (code) => failed(new Error(`peerage serve ended with ${code}:\n${said}`)));
    setTimeout(() => failed(new Error(`peerage serve did not say where it listens:\n${said}`)), 20_000).unref();
  });
}

/** Asks it to stop, and makes it after five seconds. */
async function stop(server: ChildProcess): Promise<void> {
  server.removeAllListeners("exit");
  const gone = new Promise((done) => server.once("exit", done));
  if (server.exitCode === null && server.kill("SIGTERM")) {
    const late = setTimeout(() => server.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(late);
  }
}

type Fixtures = {
  /** Signs in (as the superuser, unless told otherwise) and waits for the first page. */
  signIn: (who?: { name: string; password: string }) => Promise<void>;
  /** No accessibility problem on the page as it stands; every rule is on, or only those that are named. */
  axe: (...only: string[]) => Promise<void>;
  /** Fails the test when the page threw, broke the content security policy or asked anyone but its own server. */
  manners: void;
};

export const test = base.extend<Fixtures, Options & { peerage: Peerage }>({
  database: ["sqlite", { option: true, scope: "worker" }],

  peerage: [async ({ database }, use) => {
    const dir = mkdtempSync(join(tmpdir(), "peerage-end2end-"));
    const { url, drop } = emptyDatabase(database, dir);
    const env = { ...process.env, PEERAGE_DATABASE: url, PEERAGE_KEY_FILE: join(dir, "peerage.key"),
      // nothing is to begin by itself while a test looks
      PEERAGE_PEERINGDB_EVERY: "0", PEERAGE_POLL_EVERY: "0",
      // receivers of webhooks listen here
      PEERAGE_WEBHOOK_ALLOW: "127.0.0.0/8" };
    const run = (args: string[], input = "") => new Promise<string>((done, failed) => {
      const child = execFile(BINARY, args, { cwd: dir, env, maxBuffer: 1 << 26 }, (error, out, complaint) =>
        error ? failed(new Error(`peerage ${args.join(" ")}: ${complaint || error.message}`)) : done(out));
      // a command that does not read its input may have ended before it gets any
      child.stdin?.on("error", () => {});
      child.stdin?.end(input);
    });
    await run(["user", "create", ADMIN.name, "--superuser", "--password-stdin"], `${ADMIN.password}\n`);
    const addresses: string[] = [];
    const start = (listen = "127.0.0.1:0") => spawn(BINARY, ["serve", "--listen", listen], { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
    const another = async () => {
      const second = start();
      return { address: await listening(second), stop: () => stop(second) };
    };
    const fresh = async () => {
      const place = mkdtempSync(join(tmpdir(), "peerage-fresh-"));
      const child = spawn(BINARY, ["serve", "--listen", "127.0.0.1:0", "--database", `sqlite:${join(place, "p.sqlite")}`],
        { cwd: place, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      child.stdout?.on("data", (chunk: Buffer) => said += chunk);
      const address = await listening(child);
      addresses.push(address);
      await expect.poll(() => said).toContain("first-run?token=");
      return { address, get said() { return said; }, stop: async () => { await stop(child); rmSync(place, { recursive: true, force: true }); } };
    };
    let server = start();
    try {
      const address = await listening(server);
      addresses.push(address);
      const crash = async () => {
        server.removeAllListeners("exit");
        const gone = new Promise((done) => server.once("exit", done));
        server.kill("SIGKILL");
        await gone;
        server = start(new URL(address).host);
        await listening(server);
      };
      await use({ address, addresses, run, another, fresh, crash });
    } finally {
      await stop(server);
      drop();
      rmSync(dir, { recursive: true, force: true });
    }
  }, { scope: "worker", timeout: 60_000 }],

  baseURL: async ({ peerage }, use) => use(peerage.address),

  manners: [async ({ page, peerage }, use) => {
    const offences: string[] = [];
    page.on("pageerror", (error) => offences.push(`threw: ${error.stack ?? error}`));
    page.on("console", (message) => {
      if (/Content Security Policy|panicked/i.test(message.text())) offences.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const asked = request.url();
      const ours = peerage.addresses.some((address) => asked.startsWith(`${address}/`));
      if (/^(https?|wss?):/.test(asked) && !ours) offences.push(`asked ${asked}`);
    });
    await use();
    expect(offences).toEqual([]);
  }, { auto: true }],

  signIn: async ({ page }, use) => use(async (who = ADMIN) => {
    if (!page.url().startsWith("http")) await page.goto("/");
    await page.getByLabel("User name").fill(who.name);
    await page.getByLabel("Password", { exact: true }).fill(who.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toHaveCount(0);
  }),

  axe: async ({ page }, use) => use(async (...only) => {
    // without motion there are no colours on their way to another, which are neither
    expect(await page.evaluate(() => document.getAnimations().filter((animation) => animation instanceof CSSTransition).length)).toBe(0);
    // in the page itself: axe's library for Playwright opens another one for each look
    if (!await page.evaluate("'axe' in window")) await page.evaluate(AXE);
    const { violations }: AxeResults = await page.evaluate((rules) => (window as any).axe.run(
      { resultTypes: ["violations"], ...(rules.length && { runOnly: rules }) }), only);
    const told = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.target.join(" ")}\n      ${n.failureSummary}`).join("\n")}`);
    expect(told).toEqual([]);
  }),
});
