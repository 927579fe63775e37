// Every type that has a list, whatever it is: a new one is covered as soon as the navigation leads to it.
import type { Page } from "@playwright/test";
import { expect, test } from "./world";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

/** Where links lead that stand within something. */
const addresses = (page: Page, within: string) =>
  page.locator(within).getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));

/** The list is there, with rows or with the words that stand in for them. Gives how many rows. */
async function listed(page: Page, path: string): Promise<number> {
  await page.goto(path);
  const table = page.locator("main table.tbl:not(.skel)");
  await expect(table.or(page.locator("main .empty"))).toBeVisible();
  await expect(page.getByRole("main").getByRole("alert").filter({ hasText: /\S/ })).toHaveCount(0);
  return table.locator("tbody tr").count();
}

test("every type's list loads, its objects open, and its filters are understood", async ({ page, world, signedIn }) => {
  test.setTimeout(180_000);
  await signedIn();
  await page.goto("/");
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link").nth(5)).toBeVisible();
  const own = (await addresses(page, "nav.side")).filter((path) => path.split("/").length === 3);
  const { counts } = await world.call<{ counts: [string, number][] }>("accounts/me");
  // each type that people edit has its place there
  expect(own.length).toBeGreaterThanOrEqual(counts.length);
  await page.goto("/peeringdb");
  await expect(page.getByRole("table").getByRole("link").nth(12)).toBeVisible();
  const cached = await addresses(page, "main table");
  expect(cached).toHaveLength(13);

  for (const path of [...own, ...cached, "/peeringdb/synchronisations", "/peeringdb/cursors", "/peeringdb/rejected"]) {
    await test.step(path, async () => {
      const rows = await listed(page, path);
      await expect(heading(page)).not.toHaveText(/^\s*$/);
      if (rows > 0) {
        const link = page.locator("main table.tbl tbody tr").first().getByRole("rowheader").getByRole("link");
        await link.click();
        await expect(page).toHaveURL(new RegExp(`${path}/\\d+$`));
        await expect(page.getByRole("main").locator("dl, table").first()).toBeVisible();
        await expect(page.getByRole("main").getByRole("alert").filter({ hasText: /\S/ })).toHaveCount(0);
      }
    });
  }
});

test("every type that people edit has a form, and saving it empty says what is missing", async ({ page, world, signedIn }) => {
  test.setTimeout(180_000);
  await signedIn();
  await page.goto("/");
  const { counts } = await world.call<{ counts: [string, number][] }>("accounts/me");
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link").nth(5)).toBeVisible();
  // what is attached to objects is reached from them, not from the navigation
  const attached = ["/messaging/contact-assignments", "/extras/config-context-assignments"];
  const paths = (await addresses(page, "nav.side")).filter((path) => path.split("/").length === 3).concat(attached);
  let forms = 0;
  for (const path of paths) {
    await test.step(path, async () => {
      await listed(page, path);
      const add = page.locator(".head").getByRole("link", { name: /^Add / });
      if (await add.count() === 0) {
        // made by the system: the address of a form says so
        await page.goto(`${path}/new`);
        await expect(page.getByRole("heading", { name: "Nothing to fill in here" })).toBeVisible();
        return;
      }
      forms += 1;
      await add.click();
      await expect(page).toHaveURL(`${path}/new`);
      const save = page.getByRole("button", { name: /^Save( Ctrl S)?$/ });
      await save.click();
      const problems = page.getByRole("main").getByText(/^\d+ problems?( left: )?$/).first();
      // a type without a required field is saved at once
      await expect(problems.or(page.getByRole("link", { name: /^Edit/ }))).toBeVisible();
      if (await problems.isVisible()) {
        await expect(page.locator("main [aria-invalid=true]").first()).toBeFocused();
        await expect(page).toHaveURL(`${path}/new`);
      }
    });
  }
  expect(forms).toBe(counts.length);
});
