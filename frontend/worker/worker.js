// The render Web Worker: a wasm of its own behind three kinds of message.
//   page -> worker   {id, payload}      a Call as JSON
//   worker -> page   {id, result}               the text that peerage-worker's `handle` returned
//                    {id, error}                what it threw; "trap" when the wasm died: the worker has closed itself
// Started as new Worker(worker.js?wasm=<address of the wasm>, {type: "module"}). Ending the worker is how a runaway
// template is stopped, so nothing here waits or retries.
import init, { handle } from "glue";

const wasm = new URL(new URL(self.location.href).searchParams.get("wasm"), self.location.href);
const ready = wasm.origin === self.location.origin
  ? init({ module_or_path: fetch(wasm) })
  : Promise.reject(new Error("the wasm must come from the page's own server"));
ready.catch(() => {}); // told to the page with the first message

// What a zone is at a moment (milliseconds): seconds east of UTC and its abbreviation; undefined: there is none. English
// names of zones differ by country; where none has letters, the zone's own abbreviation has none either (Asia/Kathmandu).
const LETTERS = { "Africa/Lagos": "WAT", "Africa/Nairobi": "EAT", "Asia/Hong_Kong": "HKT", "Asia/Jakarta": "WIB", "Asia/Karachi": "PKT",
  "Asia/Seoul": "KST", "Asia/Shanghai": "CST", "Asia/Taipei": "CST", "Asia/Tokyo": "JST", "Europe/Moscow": "MSK" };
globalThis.zone = (name, moment) => {
  if (!/^[A-Z][\w+\-/]+$/.test(name)) return undefined;
  try {
    const said = (locale, style) => new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: style })
      .formatToParts(moment).find(({ type }) => type === "timeZoneName").value;
    const [, sign, hours, minutes] = said("en", "longOffset").match(/^GMT(?:([+-\u2212])(\d\d):(\d\d))?/);
    const east = sign ? (sign === "+" ? 1 : -1) * (hours * 3600 + minutes * 60) : 0;
    const letters = LETTERS[name] ?? ["en-GB", "en-US", "en-AU", "en-NZ", "en-ZA", "en-IN"].map((locale) => said(locale, "short"))
      .find((short) => /^[A-Z]{2,5}$/.test(short));
    return `${east} ${letters ?? `${sign === "+" ? "+" : "-"}${hours}${minutes === "00" ? "" : minutes}`}`;
  } catch {
    return undefined;
  }
};

self.onmessage = async ({ data: { id, payload } }) => {
  try {
    await ready;
    self.postMessage({ id, result: handle(payload) });
  } catch (error) {
    // a panic, memory at its end, or the stack overflown: the instance's memory can no longer be trusted
    const dead = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    self.postMessage({ id, error: dead ? "trap" : String(error?.message ?? error) });
    if (dead) self.close();
  }
};
