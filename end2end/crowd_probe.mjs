// scratch: where the time of available peers goes
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { settle, write } from "./crowd.mjs";
const BINARY = process.env.PEERAGE_BIN;
const dir = "/tmp/w5/crowd"; const db = `sqlite:${dir}/p.sqlite`;
const env = { ...process.env, PEERAGE_DATABASE: db, PEERAGE_KEY_FILE: join(dir, "k"), PEERAGE_PEERINGDB_EVERY: "0", PEERAGE_POLL_EVERY: "0" };
const run = (args, input = "") => execFileSync(BINARY, args, { env, input, encoding: "utf8" });
const fresh = !existsSync(join(dir, "p.sqlite"));
if (fresh) {
  write(dir);
  run(["user", "create", "admin", "--superuser", "--password-stdin"], "correct horse battery staple\n");
  console.time("sync"); run(["peeringdb", "sync", "--from", dir]); console.timeEnd("sync");
}
const server = spawn(BINARY, ["serve", "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "pipe"] });
const address = await new Promise((done) => { const hear = (c) => { const f = String(c).match(/listening on (http:\/\/[^\s]+)/)?.[1]; if (f) done(f.replace(/\/$/, "")); }; server.stdout.on("data", hear); server.stderr.on("data", hear); });
try {
const key = run(["token", "create", "admin"]).trim();
const call = async (path, argument = {}) => {
  const a = await fetch(`${address}/fn/${path}`, { method: "POST", headers: { authorization: `Token ${key}`, "content-type": "application/json" }, body: JSON.stringify(argument) });
  const t = await a.text(); if (!a.ok) throw new Error(path + t.slice(0, 500)); return t ? JSON.parse(t) : null; };
let exchange = 1;
if (fresh) { console.time("settle"); console.log(await settle(call)); console.timeEnd("settle"); }
for (let i = 0; i < 4; i++) { const t = performance.now(); const a = await fetch(`${address}/fn/peers/available`, { method: "POST", headers: { authorization: `Token ${key}`, "content-type": "application/json" }, body: JSON.stringify({ at: { exchange } }) }); const x = await a.arrayBuffer(); console.log("server", (performance.now() - t).toFixed(1), "ms", x.byteLength, "bytes", a.headers.get("content-encoding"), a.headers.get("server-timing")); }
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-background-networking"] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
await context.request.post(`${address}/fn/accounts/sign-in`, { data: { name: "admin", password: "correct horse battery staple" } });
const page = await context.newPage();
const cdp = await context.newCDPSession(page);
for (let round = 0; round < (Number(process.env.ROUNDS) || 4); round++) {
  await page.goto(`${address}/peering/internet-exchanges/${exchange}`);
  await page.getByRole("link", { name: "Available peers" }).first().waitFor();
  await page.waitForTimeout(2500);
  if (round === 3 && process.env.PROFILE) { await cdp.send("Profiler.enable"); await cdp.send("Profiler.setSamplingInterval", { interval: 200 }); await cdp.send("Profiler.start"); }
  const times = await page.evaluate(() => new Promise((done) => {
    const link = [...document.querySelectorAll("main a")].find((a) => /Available peers/.test(a.textContent));
    performance.clearResourceTimings();
    const long = []; const po = new PerformanceObserver((l) => long.push(...l.getEntries().map((e) => [Math.round(e.startTime - t0), Math.round(e.duration)]))); po.observe({ entryTypes: ["longtask"] });
    const t0 = performance.now();
    const seen = () => {
      if (!document.querySelector("main table.peers tbody tr[data-row]")) return false;
      const dom = performance.now() - t0;
      requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => { const painted = performance.now() - t0;
        setTimeout(() => { const f = performance.getEntriesByType("resource").filter((e) => /peers\/available|part-|exchanges/.test(e.name)).map((e) => [e.name.split("/").pop(), Math.round(e.startTime - t0), Math.round(e.responseStart - t0), Math.round(e.responseEnd - t0), e.encodedBodySize]);
          done({ dom: Math.round(dom), painted: Math.round(painted), fetches: f, long }); }, 600); }; c.port2.postMessage(0); });
      return true;
    };
    const watch = new MutationObserver(() => { if (seen()) watch.disconnect(); });
    watch.observe(document.body, { childList: true, subtree: true });
    link.click();
  }));
  console.log(JSON.stringify(times));
  if (round === 3 && process.env.PROFILE) {
    const { profile } = await cdp.send("Profiler.stop");
    writeFileSync("/tmp/w5/profile.json", JSON.stringify(profile));
    const self = new Map(); const byId = new Map(profile.nodes.map((n) => [n.id, n]));
    profile.samples.forEach((id, i) => { const n = byId.get(id); const k = n.callFrame.functionName + " " + n.callFrame.url.split("/").pop(); self.set(k, (self.get(k) ?? 0) + profile.timeDeltas[i]); });
    for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 25)) console.log((v / 1000).toFixed(1).padStart(8), k);
  }
}
await browser.close();
} finally { server.kill(); }
