// Typing in the template studio needs no network: once the page is there and has rendered, the result follows every edit
// in this browser, and nothing is asked of anybody.
import type { Page } from "@playwright/test";
import { expect, test } from "./world";

/** The parts of the interface that have come since: form, peers, studio and the rest. */
function partsOf(page: Page): Set<string> {
  const parts = new Set<string>();
  page.on("requestfinished", (request) => { if (/\/part-split-/.test(request.url())) parts.add(request.url()); });
  return parts;
}

test("without a network three edits still repaint, without a request", async ({ page, context, world, signIn }) => {
  await signIn();
  const parts = partsOf(page);
  await page.goto(`/devices/configurations/${world.template}/studio`);
  const result = page.getByTestId("result");
  const editor = page.getByTestId("template-editor").getByRole("textbox", { name: "Template" });
  await expect(result).toContainText("hostname edge-1");
  await expect(page.getByTestId("render-state")).toContainText("Rendered in");
  // the editor is loaded lazily, and the fonts of its text with it
  await expect(editor).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
  // and so is the rest of the interface, once the page was quiet for a moment
  await expect.poll(() => parts.size, { timeout: 20_000 }).toBe(4);

  await context.setOffline(true);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await editor.click();
  await page.keyboard.press("ControlOrMeta+Home");

  // plain text
  await page.keyboard.type("! one\n");
  await expect(result).toHaveText(/^! one\n/);
  // data of the router, of its AS and of its sessions, none of which the template has named so far
  await page.keyboard.type("! {{ router.hostname }} of {{ router.local_autonomous_system.name }}\n");
  await expect(result).toHaveText(/^! one\n! edge-1\.example\.net of Halyard Networks\n/);
  // a fault keeps the last good text, and mending it brings the new one
  await page.keyboard.type("{% if router.name == 'edge-1' %}! three");
  await expect(page.getByTestId("problems")).toContainText("1 problem");
  await expect(result).toHaveText(/^! one\n! edge-1\.example\.net of Halyard Networks\n/);
  await page.keyboard.type("{% endif %}\n");
  await expect(page.getByTestId("problems")).toContainText("none");
  await expect(result).toHaveText(/^! one\n! edge-1\.example\.net of Halyard Networks\n! three/);
  await expect(page.getByTestId("changed-lines")).toContainText("lines changed");
  expect(asked).toEqual([]);

  // what was typed is still there with the network, and what it makes is what the server makes
  await context.setOffline(false);
  const shown = await result.textContent();
  await page.getByRole("button", { name: /^Save/ }).click();
  await expect(page.getByTestId("server-check")).toHaveText(/identical on the server/);
  expect((await world.call("rendering/render", { router: world.router })).text).toBe(shown);
});

test("once the page was quiet for a moment, pages that were not opened before need no network but for their data", async ({ page, context, world, signedIn }) => {
  await signedIn();
  const parts = partsOf(page);
  await page.goto(`/devices/routers/${world.router}`);
  await expect.poll(() => parts.size, { timeout: 20_000 }).toBe(4);
  await context.setOffline(true);
  await page.getByRole("link", { name: /^Edit/ }).click();
  // kept data and code are enough for the form of what was seen
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Edit /);
  await context.setOffline(false);
});

test("a page whose code does not come says so, and comes when asked again", async ({ page, context, signedIn }) => {
  await signedIn();
  await context.route(/\/part-/, (route) => route.abort());
  await page.goto("/getting-started");
  await expect(page.getByText("The code of this page could not be loaded")).toBeVisible();
  await context.unroute(/\/part-/);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Getting started" })).toBeVisible();
});
