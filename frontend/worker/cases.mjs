// The conformance suites as the render worker gets them: every case of app/render/tests that is rendered over plain data,
// as the text of a call, and the judgement on the worker's reply. For conformance.mjs (node) and the browser's spec.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tests = join(dirname(fileURLToPath(import.meta.url)), "../../app/render/tests");
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

/** Every case: its name, and the call that renders it. */
export function cases() {
  return suites.flatMap(({ cases, differences }) => {
    const allowed = listed(differences);
    return read(cases).split("\n").filter((line) => line.startsWith("{")).map((line) => {
      const one = JSON.parse(line.replace(/,$/, ""));
      const data = {
        template: one.template,
        trim: one.trim ?? one.trim_blocks ?? false,
        lstrip: one.lstrip ?? one.lstrip_blocks ?? false,
        values: "VALUES",
        templates: one.templates ?? {},
      };
      return { id: one.id, one, allowed: allowed.has(one.id), call: JSON.stringify({ data }).replace('"VALUES"', () => context(line)) };
    });
  });
}

/** What differs in a reply; undefined: it is as expected. */
function difference(one, { done, fault }) {
  if (done) {
    const wrong = one.expected === null ? !one.superset_ok : done.text !== one.expected;
    return wrong ? `gives ${JSON.stringify(done.text)}, expected ${JSON.stringify(one.expected) ?? "an error"}` : undefined;
  }
  if (!fault) return "neither text nor fault";
  if (one.expected !== null) return `fails: ${fault.message}`;
  return fault.kind === one.error_kind ? undefined : `fails by ${fault.kind}, expected ${one.error_kind}`;
}

/** Replies in the order of the cases: how many pass, and which are otherwise than natively. */
export function judge(all, replies) {
  const judged = all.map(({ id, one, allowed }, at) => ({ id, allowed, what: difference(one, replies[at]) }));
  return {
    passed: judged.filter(({ what }) => what === undefined).length,
    faults: judged.filter(({ what, allowed }) => (what !== undefined) !== allowed)
      .map(({ id, what }) => `${id}: ${what ?? "passes, but is listed"}`),
  };
}
