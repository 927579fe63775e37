// Starts the interface: loads its wasm (already preloaded by index.html) and says so plainly when that fails.
// "glue" is what wasm-bindgen writes for the crate peerage-frontend; frontend/bundle resolves the name.
import init from "glue";

const assets = JSON.parse(document.getElementById("assets").textContent);
const url = (name) => new URL(assets[name], document.baseURI).href;

// What Rust cannot do by itself: import a module that is loaded later (the editor) by its hashed name.
globalThis.peerage = { assets, url, load: (name) => import(url(name)) };

try {
  await init({ module_or_path: fetch(url("wasm")) });
} catch (error) {
  console.error(error);
  const shell = document.getElementById("shell");
  if (shell) {
    shell.setAttribute("aria-busy", "false");
    const note = document.getElementById("shell-note");
    note.setAttribute("role", "alert");
    note.textContent = typeof WebAssembly === "object"
      ? "Peerage could not be started. Load the page again; if that does not help, tell your administrator: " + error
      : "Peerage needs WebAssembly, which this browser has not or which is switched off.";
  }
}
