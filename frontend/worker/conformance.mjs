// The conformance suites in wasm: loads the render worker that is shipped (its script and its wasm, as the page gets them)
// and renders every case of app/render/tests. The same differences are allowed as natively, no others.
//
//   node frontend/worker/conformance.mjs [frontend/dist]
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cases, judge } from "./cases.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const dist = process.argv[2] ?? join(root, "frontend/dist");
const { assets } = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
const file = (role) => join(dist, assets.find((asset) => asset.role === role).path);

// --- what a browser gives a worker
const replies = new Map();
globalThis.self = {
  location: { href: "http://localhost/worker.js?wasm=/worker.wasm", origin: "http://localhost" },
  postMessage: ({ id, ...reply }) => replies.get(id)(reply),
  close: () => { throw new Error("the worker has closed itself"); },
};
globalThis.fetch = async () =>
  new Response(readFileSync(file("worker_wasm")), { headers: { "Content-Type": "application/wasm" } });
await import(pathToFileURL(file("worker")).href);

let last = 0;
async function call(payload) { // a text
  const id = ++last;
  const { result, error } = await new Promise((resolve) => {
    replies.set(id, resolve);
    self.onmessage({ data: { id, payload } });
  });
  replies.delete(id);
  if (error !== undefined) throw new Error(error);
  return JSON.parse(result);
}

// --- the suites
const all = cases();
const answers = [];
for (const { call: payload } of all) answers.push(await call(payload));
const { passed, faults } = judge(all, answers);
console.log(`${passed} of ${all.length} cases pass in wasm; ${faults.length} otherwise than natively`);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}

// --- config contexts are merged as the server says: what server/src/http/tests/policy.rs expects of the server's own text
const set = (type, fields) => ({ type, fields: Object.keys(fields), rows: [[1, 1, ...Object.values(fields)]] });
const sets = [
  set("devices.router", { name: "r1", hostname: "r1.example.net", local_autonomous_system: 1, local_context_data: { bgp: { hold: 30 }, ntp: [2, 3] } }),
  set("extras.configcontext", { name: "weak", is_active: true, data: { bgp: { hold: 90, keepalive: 10 }, ntp: [1, 2] } }),
  set("extras.configcontextassignment", { config_context: 1, content_type: "devices.router", object_id: 1, weight: 1000 }),
];
const template = "{{ router.config_context.ntp | join(',') }} {{ router.config_context.bgp }}";
for (const [merging, text] of [
  [{ recursive: true, lists: "replace" }, "2,3 {'hold': 30, 'keepalive': 10}"],
  [{ recursive: false, lists: "append_rp" }, "1,2,3 {'hold': 30}"],
]) {
  let reply = await call(JSON.stringify({ render: { template, trim: false, lstrip: false, subject: { router: 1 }, now: 0, merging } }));
  for (let round = 0; reply.needs && round < 20; round++) {
    await call(JSON.stringify({ answer: { needs: reply.needs, sets } }));
    reply = await call(JSON.stringify("resume"));
  }
  if (reply.done?.text !== text) {
    console.error(`contexts merged by ${JSON.stringify(merging)} give ${JSON.stringify(reply)}, expected ${JSON.stringify(text)}`);
    process.exit(1);
  }
}
