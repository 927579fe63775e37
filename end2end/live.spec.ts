// What one person writes, another sees without asking: in another browser, after a cut, and from another process.
import type { Page } from "@playwright/test";
import { ADMIN, expect, test } from "./fixtures";

const slug = (name: string) => name.toLowerCase().replaceAll(" ", "-");

async function add(page: Page, name: string) {
  await page.goto("/extras/tags/new");
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByRole("heading", { name })).toBeVisible();
}

const row = (page: Page, name: string) => page.getByRole("row", { name });

test("a change, its undo and its redo appear in another browser within a second", async ({ page, browser, baseURL, signIn }) => {
  await signIn();
  const context = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.goto("/extras/tags");
  await expect(other.getByText("Tags").first()).toBeVisible();

  await add(page, "Seen at once");
  await expect(row(other, "Seen at once")).toBeVisible({ timeout: 1_000 });
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(row(other, "Seen at once")).toHaveCount(0, { timeout: 1_000 });
  await expect(page.getByText("was deleted. You see it as it was")).toBeVisible();
  // the toast's own undo brings it back
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(row(other, "Seen at once")).toBeVisible({ timeout: 1_000 });
  await expect(page.getByText("was deleted. You see it as it was")).toHaveCount(0);

  // by key, from anywhere but an input
  await add(page, "Taken back by key");
  await expect(row(other, "Taken back by key")).toBeVisible({ timeout: 1_000 });
  await page.getByRole("heading", { name: "Taken back by key" }).click();
  await page.keyboard.press("z");
  await expect(row(other, "Taken back by key")).toHaveCount(0, { timeout: 1_000 });

  // what was missed during a cut arrives afterwards
  await context.setOffline(true);
  await expect(other.getByText("The server cannot be reached")).toBeVisible();
  await add(page, "Made in the dark");
  await expect(row(other, "Made in the dark")).toHaveCount(0);
  await context.setOffline(false);
  await expect(row(other, "Made in the dark")).toBeVisible();
  await expect(other.getByText("The server cannot be reached")).toHaveCount(0);
  await context.close();
});

test("a form says that somebody else has saved meanwhile, and shows both before anything is lost", async ({ page, browser, baseURL, signIn }) => {
  await signIn();
  await add(page, "Shared");
  const context = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.goto(`${page.url()}/edit`);
  await other.getByRole("textbox", { name: "Description" }).fill("theirs");
  await page.goto(`${page.url()}/edit`);
  await page.getByRole("textbox", { name: "Description" }).fill("mine");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(other.getByText("Somebody else has saved a change meanwhile")).toBeVisible({ timeout: 1_000 });
  await other.keyboard.press("ControlOrMeta+s");
  const question = other.getByRole("dialog");
  await expect(question).toContainText("mine");
  await expect(question).toContainText("theirs");
  await context.close();
});

test("another process on the same database is heard within a second or two", async ({ page, peerage, signIn }) => {
  await signIn();
  await page.goto("/extras/tags");
  await expect(page.getByText("Tags").first()).toBeVisible();
  const second = await peerage.another();
  try {
    const key = (await peerage.run(["token", "create", ADMIN.name])).trim();
    const answer = await fetch(`${second.address}/fn/records/save`, {
      method: "POST",
      headers: { authorization: `Token ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ edit: { type: "extras.tag", fields: { name: "From elsewhere", slug: slug("From elsewhere") } } }),
    });
    expect(answer.status).toBe(200);
    // SQLite does not notify: there a process looks once a second
    await expect(row(page, "From elsewhere")).toBeVisible({ timeout: 2_500 });
  } finally {
    await second.stop();
  }
});
