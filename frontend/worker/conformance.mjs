// The conformance suites in wasm: loads the render worker that is shipped (its script and its wasm, as the page gets them)
// and renders every case of app/render/tests. The same differences are allowed as natively, no others.
//
//   node frontend/worker/conformance.mjs [frontend/dist]
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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
const tests = join(root, "app/render/tests");
const read = (name) => readFileSync(join(tests, name), "utf8");
const listed = (name) =>
  new Map(read(name).split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.split(": ", 2)));
const suites = [
  { cases: "templating-cases.json", differences: "known-differences.txt" },
  { cases: "jinja2/cases.json", differences: "jinja2/differences.txt" },
];

// Not JSON.parse: it would put keys like "1" first and make 1.0 of 1. The contexts go to the worker as they are written.
function context(line) {
  const start = line.indexOf('"context": ') + 11;
  let depth = 0, quoted = false;
  for (let at = start; ; at++) {
    const c = line[at];
    if (quoted) {
      if (c === "\\") at++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "{") depth++;
    else if (c === "}" && --depth === 0) return line.slice(start, at + 1);
  }
}

const faults = [];
let passed = 0, total = 0;
for (const { cases, differences } of suites) {
  const allowed = listed(differences);
  for (const line of read(cases).split("\n").filter((line) => line.startsWith("{"))) {
    const one = JSON.parse(line.replace(/,$/, ""));
    const data = {
      template: one.template,
      trim: one.trim ?? one.trim_blocks ?? false,
      lstrip: one.lstrip ?? one.lstrip_blocks ?? false,
      values: "VALUES",
      templates: one.templates ?? {},
    };
    const { done, fault } = await call(JSON.stringify({ data }).replace('"VALUES"', () => context(line)));
    let what;
    if (done) {
      if (one.expected === null ? !one.superset_ok : done.text !== one.expected) {
        what = `gives ${JSON.stringify(done.text)}, expected ${JSON.stringify(one.expected) ?? "an error"}`;
      }
    } else if (!fault) what = `neither text nor fault`;
    else if (one.expected !== null) what = `fails: ${fault.message}`;
    else if (fault.kind !== one.error_kind) what = `fails by ${fault.kind}, expected ${one.error_kind}`;
    total += 1;
    if (what === undefined) passed += 1;
    if ((what !== undefined) !== allowed.has(one.id)) faults.push(`${one.id}: ${what ?? "passes, but is listed"}`);
  }
}
console.log(`${passed} of ${total} cases pass in wasm; ${faults.length} otherwise than natively`);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
