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
