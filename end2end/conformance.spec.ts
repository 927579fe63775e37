// The conformance suites in the browser: the page's own worker, with the wasm that is shipped, renders every template that
// is rendered natively and under node, with the same result.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "./fixtures";

const DIST = join(__dirname, "../frontend/dist");
const reader = () => import("../frontend/worker/cases.mjs");

test("every case of the suites renders in the browser's worker as natively", async ({ page, signIn }) => {
  test.setTimeout(120_000);
  const { cases, judge } = await reader();
  const { assets } = JSON.parse(readFileSync(join(DIST, "manifest.json"), "utf8"));
  const path = (role: string) => `/${assets.find((asset: { role: string }) => asset.role === role).path}`;
  await signIn();
  const all = cases();
  const replies = await page.evaluate(async ([worker, wasm, calls]) => {
    const rendering = new Worker(`${worker}?wasm=${encodeURIComponent(wasm as string)}`, { type: "module" });
    const waiting = new Map<number, (reply: { result?: string; error?: string }) => void>();
    rendering.onmessage = ({ data }) => waiting.get(data.id)!(data);
    const answers: unknown[] = [];
    for (const [id, payload] of (calls as string[]).entries()) {
      const { result, error } = await new Promise<{ result?: string; error?: string }>((done) => {
        waiting.set(id, done);
        rendering.postMessage({ id, payload });
      });
      if (error !== undefined) throw new Error(error);
      answers.push(JSON.parse(result!));
    }
    rendering.terminate();
    return answers;
  }, [path("worker"), path("worker_wasm"), all.map(({ call }: { call: string }) => call)] as const);
  expect(replies).toHaveLength(all.length);
  const { passed, faults } = judge(all, replies);
  expect(faults).toEqual([]);
  expect(passed).toBeGreaterThan(1_000);
});
