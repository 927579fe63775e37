// A synchronisation as a job: begun on its page, seen among the jobs with its log, cancelled, and tried again.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { alone, expect } from "./world";

const test = alone();

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const log = (page: Page) => page.getByRole("log", { name: "Log" });
// not the one of the breadcrumb
const bar = (page: Page) => page.getByRole("banner").locator("a.active-jobs");

/** A PeeringDB in which nothing is new, and that answers only when it is let. */
async function slowUpstream() {
  const held: ServerResponse[] = [];
  let open = false;
  const answer = (response: ServerResponse) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: [], meta: { generated: Date.UTC(2026, 0, 20) / 1000 } }));
  };
  const server = createServer((_, response) => {
    if (open) setTimeout(() => answer(response), 150); else held.push(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    asked: () => held.length,
    answerFromNow() { open = true; held.splice(0).forEach(answer); },
    close: () => { server.closeAllConnections(); server.close(); },
  };
}

async function synchronise(page: Page, source: string) {
  await page.goto("/peeringdb");
  await page.getByRole("textbox", { name: "Source" }).fill(source);
  await page.getByRole("button", { name: "Synchronise" }).click();
}

test("a synchronisation is watched on its page, and stands among the jobs with its log", async ({ page, signIn, rows, axe }) => {
  await signIn();
  await synchronise(page, rows.directory);
  await expect(page.getByText(/^Synchronisation done: \d+ created/).first()).toBeVisible();

  await heading(page).click();
  await page.keyboard.press("g");
  await page.keyboard.press("j");
  await expect(heading(page)).toContainText("Jobs");
  const row = page.getByRole("row").filter({ hasText: "PeeringDB synchronisation" }).first();
  await expect(row).toContainText("Completed");
  await expect(row).toContainText("admin");
  await row.getByRole("rowheader").getByRole("link").click();
  await expect(heading(page)).toContainText("PeeringDB synchronisation #");
  for (const line of [/From .*peerage-rows-/, /org: \d+ created/, /poc: /, /Synchronisation done/]) {
    await expect(log(page)).toContainText(line);
  }
  await expect(page.getByRole("button", { name: "Cancel" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
  await axe();
});

test("a job that runs is counted above, cancelled on its page, tried again, and its log grows by itself", async ({ page, browser, baseURL, signIn, rows, axe }) => {
  const upstream = await slowUpstream();
  try {
    await signIn();
    // what was taken before has its cursor: nothing is deleted by an answer without rows
    await synchronise(page, rows.directory);
    await expect(page.getByText(/^Synchronisation done/).first()).toBeVisible();
    await synchronise(page, upstream.url);
    await expect.poll(upstream.asked).toBeGreaterThan(0);
    await expect(bar(page)).toHaveAccessibleName("Jobs: 1 running");
    await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
    await page.getByRole("complementary", { name: "Synchronisation" }).getByRole("link", { name: "Its job" }).click();
    await expect(heading(page)).toContainText("PeeringDB synchronisation #");
    await expect(page.getByRole("main")).toContainText("org fetching");
    await axe();

    // somebody else looks on
    const context = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
    const other = await context.newPage();
    await other.goto(page.url());
    await expect(log(other)).toContainText("From http://127.0.0.1");
    await page.getByRole("button", { name: "Cancel" }).click();
    for (const place of [page, other]) {
      await expect(place.getByRole("main")).toContainText("Cancelled by admin.");
      await expect(log(place)).toContainText("admin wishes that it ends.");
      await expect(place.getByText("Failed").first()).toBeVisible();
    }
    await expect(bar(page)).toHaveAccessibleName("Jobs");

    await page.getByRole("button", { name: "Try again" }).click();
    upstream.answerFromNow();
    for (const place of [page, other]) {
      await expect(log(place)).toContainText("Tried again by admin.");
      await expect(log(place)).toContainText("org: nothing new");
      await expect(log(place)).toContainText("poc: nothing new", { timeout: 20_000 });
      await expect(place.getByText("Completed").first()).toBeVisible();
    }
    await context.close();
  } finally {
    upstream.close();
  }
});
