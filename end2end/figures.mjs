// How it feels, in numbers: a first visit on a slow line, interactions until they are painted, a long list, memory after much
// use. Run by `make bench`, on the release binary with the demonstration's data and 5,000 more autonomous systems. Nothing
// here fails: times belong into a table that one compares, not into tests.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "@playwright/test";
import { LARGEST, settle, write } from "./crowd.mjs";

const BINARY = resolve(process.env.PEERAGE_BIN ?? new URL("../target/release/peerage", import.meta.url).pathname);
const MORE = 5_000;
const SYSTEMS = "/peering/autonomous-systems";

/** A server, and where it listens. */
async function start(args, env = process.env) {
  const server = spawn(BINARY, [...args, "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const address = await new Promise((done, failed) => {
    let said = "";
    const hear = (chunk) => {
      said += chunk;
      const found = said.match(/listening on (http:\/\/[^\s]+)/)?.[1];
      if (found) done(found.replace(/\/$/, ""));
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.once("exit", () => failed(new Error(said)));
  });
  return { server, address };
}

const { server, address } = await start(["demo"]);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--disable-quic", "--enable-precise-memory-info"],
});
const figures = [];
const note = (what, value, goal) => figures.push([what, String(value), goal]);
const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

/** A new browser that is signed in. */
async function visitor(at = address, data = { name: "demo", password: "demonstration" }) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  await context.request.post(`${at}/fn/accounts/sign-in`, { data });
  return context;
}

/** A router's configuration from a real store: by the server, and in the browser's worker from an empty graph and again. */
async function rendering(address, ask, page) {
  const call = async (path, argument) => JSON.parse(await ask(path, argument));
  const create = async (type, fields) => (await call("records/save", { edit: { type, fields } })).record.rows[0][0];
  const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
  const template = read("../app/render/examples/figures.j2").replaceAll("SESSIONS", "router | ixp_sessions");
  const configuration = await create("devices.configuration", { name: "figures", template, jinja2_trim: true, jinja2_lstrip: true });
  const own = (await call("records/list", { request: { type: "peering.autonomoussystem", filter: "affiliated:yes" } })).records.rows[0][0];
  const statements = async () => Number((await (await page.request.get(`${address}/metrics`)).text()).match(/^peerage_database_statement_seconds_count (\d+)/m)[1]);
  const { assets } = JSON.parse(read("../frontend/dist/manifest.json"));
  const file = (role) => `/${assets.find((asset) => asset.role === role).path}`;
  for (const sessions of [50, 500, 5_000]) {
    const router = await create("devices.router", { name: `figures-${sessions}`, hostname: `figures-${sessions}.example.net`,
      local_autonomous_system: own, configuration_template: configuration });
    // connections of its own, beside those that there are
    for (let lan = 2, left = sessions; left > 0; lan += 1) {
      const host = 2 + Math.round(Math.log10(sessions));
      const connection = await create("net.connection", { internet_exchange_point: lan, router,
        ipv4_address: `10.${lan}.0.${host}/16`, ipv6_address: `2001:db8:${lan.toString(16)}::${host}/48` });
      const { exchanges, ports } = await call("peers/available", { at: { exchange: lan } });
      const at = exchanges[0].connections.findIndex(({ id }) => id === connection);
      const free = ports.flatMap((port) => [4, 6].filter((_, family) => port.standing[at][family] === "free")
        .map((family) => ({ port: port.id, connection, family }))).slice(0, left);
      left -= free.length;
      await ask("peers/create-sessions", { sessions: free });
    }
    const rounds = [], spent = [];
    let passes;
    for (let round = 0; round < 6; round += 1) {
      const before = await statements();
      const done = await call("rendering/render", { router });
      spent.push(await statements() - before);
      rounds.push(done.milliseconds);
      passes = done.passes;
    }
    note(`${sessions} sessions rendered by the server, data and all`, `${Math.min(...rounds).toFixed(1)} ms`, `${{ 50: 3, 500: 15, 5000: 100 }[sessions]} ms`);
    // what else the server does meanwhile is counted as well: the least is nearest to the truth
    note(`  passes; statements, the token's among them`, `${passes}; ${Math.min(...spent)}`, "30");
    const there = await page.evaluate(async ([worker, wasm, template, subject]) => {
      const rendering = new Worker(`${worker}?wasm=${encodeURIComponent(wasm)}`, { type: "module" });
      let last = 0;
      const tell = (payload) => new Promise((done, failed) => {
        const id = ++last;
        rendering.onmessage = ({ data }) => data.error === undefined ? done(JSON.parse(data.result)) : failed(new Error(data.error));
        rendering.postMessage({ id, payload });
      });
      await tell('"ready"');
      let bytes = 0, asked = 0;
      const whole = async () => {
        const began = performance.now();
        let reply = await tell(JSON.stringify({ render: { template, trim: true, lstrip: true, subject, now: 0 } }));
        while (reply.needs) {
          const answer = await fetch("/fn/rendering/fetch", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ subject, needs: reply.needs }) });
          const text = await answer.text();
          bytes += text.length;
          asked += 1;
          await tell(`{"answer":{"needs":${JSON.stringify(reply.needs)},"sets":${text}}}`);
          reply = await tell('"resume"');
        }
        if (!reply.done) throw new Error(JSON.stringify(reply).slice(0, 500));
        return [performance.now() - began, reply.done.milliseconds, reply.done.text.length];
      };
      const first = await whole();
      const again = [];
      for (let round = 0; round < 5; round += 1) again.push(await whole());
      rendering.terminate();
      const transferred = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/fn/rendering/fetch")).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
      performance.clearResourceTimings();
      return { first: first[0], again: Math.min(...again.map(([whole]) => whole)), inside: Math.min(...again.map(([, inside]) => inside)), bytes, transferred, asked, text: first[2] };
    }, [file("worker"), file("worker_wasm"), template, { router }]);
    note(`  in the browser, from nothing, ${there.asked} questions`, `${Math.round(there.first)} ms`, "");
    note(`  bytes to the browser, compressed; the text`, `${there.bytes}, ${there.transferred}; ${there.text}`, "");
    note(`  again with what is known: text there; in the renderer`, `${there.again.toFixed(1)}; ${there.inside.toFixed(1)} ms`, sessions === 500 ? "50 ms" : "");
  }
}

/** Available peers of a very large exchange: the server's answer, and from the press on the link to painted rows. */
async function crowd() {
  const directory = mkdtempSync(join(tmpdir(), "peerage-crowd-"));
  const env = { ...process.env, PEERAGE_DATABASE: `sqlite:${join(directory, "crowd.sqlite")}`, PEERAGE_LOG: "error",
    PEERAGE_PEERINGDB_EVERY: "0", PEERAGE_POLL_EVERY: "0" };
  const run = (args, input = "") => execFileSync(BINARY, args, { env, input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
  const admin = { name: "admin", password: "correct horse battery staple" };
  write(join(directory, "rows"));
  run(["user", "create", admin.name, "--superuser", "--password-stdin"], `${admin.password}\n`);
  run(["peeringdb", "sync", "--from", join(directory, "rows")]);
  const { server, address } = await start(["serve", "--metrics-public"], env);
  try {
    const headers = { authorization: `Token ${run(["token", "create", admin.name]).trim()}`, "content-type": "application/json" };
    const ask = async (path, argument) => {
      const answer = await fetch(`${address}/fn/${path}`, { method: "POST", headers, body: JSON.stringify(argument) });
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
      return answer.text();
    };
    const { exchange, sessions } = await settle(async (path, argument) => JSON.parse(await ask(path, argument)));
    const answers = [];
    for (let round = 0; round < 20; round += 1) {
      const began = performance.now();
      await ask("peers/available", { at: { exchange } });
      answers.push(performance.now() - began);
    }
    const where = `${LARGEST} ports, ${sessions} sessions of ours`;
    note(`available peers, ${where}: the whole answer, median`, `${percentile(answers, 0.5).toFixed(1)} ms`, "10 ms");
    const context = await visitor(address, admin);
    const page = await context.newPage();
    const painted = [];
    for (let round = 0; round < 7; round += 1) {
      await page.goto(`${address}/peering/internet-exchanges/${exchange}`);
      await page.getByRole("link", { name: "Available peers" }).first().waitFor();
      // the lazy parts come when the page is quiet
      await page.waitForTimeout(2_500);
      painted.push(await page.evaluate(() => new Promise((done) => {
        const began = performance.now();
        const watcher = new MutationObserver(() => {
          if (!document.querySelector("main table.peers tbody tr[data-row]")) return;
          watcher.disconnect();
          // a message is heard after the frame that was asked for
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => done(performance.now() - began);
            port2.postMessage(null);
          });
        });
        watcher.observe(document.body, { childList: true, subtree: true });
        [...document.querySelectorAll("main a")].find((link) => link.textContent.includes("Available peers")).click();
      })));
    }
    note(`available peers, ${where}: press to painted rows, median`, `${Math.round(percentile(painted, 0.5))} ms`, "100 ms");
    note("the same, slowest", `${Math.round(Math.max(...painted))} ms`, "");
    await rendering(address, ask, page);
    await context.close();
  } finally {
    server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

try {
  {
    const context = await visitor();
    for (let from = 0; from < MORE; from += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, at) => context.request.post(`${address}/fn/records/save`, {
        data: { edit: { type: "peering.autonomoussystem", fields: { asn: 4_200_000_000 + from + at, name: `Network ${from + at}` } } },
      })));
    }
    await context.close();
  }

  for (const [name, path] of [["list", "/peering/internet-exchange-peering-sessions"], ["overview", "/"]]) {
    const context = await visitor();
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send("Network.emulateNetworkConditions",
      { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 });
    await page.goto(address + path);
    await page.locator("main tbody tr").first().waitFor();
    const [paint, data] = await page.evaluate(() => [
      performance.getEntriesByName("first-contentful-paint")[0]?.startTime, performance.now()]);
    note(`first visit, 10 Mbit/s, 40 ms: ${name}, shell`, `${Math.round(paint)} ms`, "600 ms");
    note(`first visit, 10 Mbit/s, 40 ms: ${name}, data`, `${Math.round(data)} ms`, "1,800 ms");
    await context.close();
  }

  const context = await visitor();
  const page = await context.newPage();
  await page.goto(`${address}${SYSTEMS}`);
  await page.locator("main tbody tr").first().waitFor();
  await page.waitForTimeout(3_000);
  const observe = () => page.evaluate(() => {
    globalThis.seen = [];
    globalThis.watcher?.disconnect();
    globalThis.watcher = new PerformanceObserver((list) => globalThis.seen.push(...list.getEntries()
      .filter((entry) => entry.interactionId).map((entry) => [entry.name, entry.duration, entry.processingEnd - entry.processingStart])));
    globalThis.watcher.observe({ type: "event", durationThreshold: 16 });
  });
  const seen = () => page.evaluate(() => new Promise((done) => setTimeout(() => done(globalThis.seen), 300)));

  // what is done all day: rows, ticks, search, menus, pages that were seen before
  await observe();
  let done = 0;
  for (let round = 0; round < 5; round += 1) {
    for (const key of ["j", "j", "j", "x", "j", "x", "k", "Escape"]) { await page.keyboard.press(key); done += 1; }
    await page.keyboard.press("Control+k"); done += 1;
    await page.keyboard.type("network 12"); done += 10;
    await page.waitForTimeout(200);
    await page.keyboard.press("Escape"); done += 1;
    for (const link of ["Routers", "IX sessions", "Autonomous systems"]) {
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: link }).click(); done += 1;
      await page.locator("main tbody tr").first().waitFor();
    }
    await page.getByRole("table").getByRole("button", { name: "Name", exact: true }).click(); done += 1;
    await page.waitForTimeout(150);
  }
  // an interaction that was painted within 16 ms is not reported by the browser
  const slow = (await seen()).map(([, duration]) => duration);
  const all = [...slow, ...Array(Math.max(0, done - slow.length)).fill(16)];
  note(`interaction to paint, ${done} interactions, p75`, `${percentile(all, 0.75)} ms`, "50 ms");
  note("interaction to paint, p98", `${percentile(all, 0.98)} ms`, "");

  await page.goto(`${address}${SYSTEMS}?per=2000`);
  await page.locator("main tbody tr").nth(20).waitFor();
  note("rows in the document for 2,000 listed", await page.locator("main tbody tr").count(), "60");
  const frames = await page.evaluate(async () => {
    const scroller = document.querySelector("main table").closest(".scroll, .tblwrap, [class*=scroll]") ?? document.scrollingElement;
    const times = [];
    let last = performance.now();
    for (let at = 0; at < 240; at += 1) {
      scroller.scrollTop += 220;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return [times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)], scroller.scrollTop];
  });
  note(`scrolling through it (to ${Math.round(frames[1])} px), frame, p95`, `${frames[0].toFixed(1)} ms`, "18 ms");

  await page.goto(`${address}/peering/internet-exchanges/1/available-peers`);
  await page.locator("main tbody tr").first().waitFor();
  await page.waitForTimeout(500);
  await observe();
  await page.keyboard.press("/");
  await page.keyboard.type("fernhill cloud telecom", { delay: 40 });
  const keystrokes = (await seen()).filter(([name]) => name === "keydown" || name === "keypress");
  note("keystroke in the filter of the peers, script, p75", `${(percentile(keystrokes.map(([, , script]) => script), 0.75) ?? 0).toFixed(1)} ms`, "8 ms");

  await page.goto(`${address}/`);
  const cdp = await context.newCDPSession(page);
  const memory = async () => {
    await cdp.send("HeapProfiler.collectGarbage");
    return page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
  };
  const before = await memory();
  const pages = ["Routers", "IX sessions", "Autonomous systems", "Internet exchanges", "Connections", "Changes", "Overview"];
  for (let round = 0; round < 60; round += 1) {
    const name = pages[round % pages.length];
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: false }).first().click();
    await page.waitForTimeout(60);
  }
  note("memory of scripts before and after 60 pages", `${before.toFixed(1)}, ${(await memory()).toFixed(1)} MB`, "150 MB");
  await context.close();

  await crowd();
} finally {
  await browser.close();
  server.kill();
}

const width = Math.max(...figures.map(([what]) => what.length));
for (const [what, value, goal] of figures) console.log(`${what.padEnd(width)}  ${value.padStart(16)}${goal && `   (goal ${goal})`}`);
