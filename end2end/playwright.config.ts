// Every flow runs twice, on SQLite and on PostgreSQL, in the machine's own Chromium: nothing is downloaded.
import { execFileSync } from "node:child_process";
import { defineConfig } from "@playwright/test";
import type { Options } from "./fixtures";

function chromium(): string {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch { /* the next one */ }
  }
  throw new Error("no Chromium found: install it, or name it in CHROMIUM");
}

export default defineConfig<Options>({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "results",
  workers: 2,
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    actionTimeout: 15_000,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      executablePath: chromium(),
      args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-quic", "--disable-gpu", "--no-first-run"],
    },
  },
  projects: [
    { name: "sqlite", use: { database: "sqlite" } },
    // what is drawn and rendered in the browser does not depend on the database
    { name: "postgres", use: { database: "postgres" }, testIgnore: /(accessibility|conformance)\.spec\.ts/ },
  ],
});
