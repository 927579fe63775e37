// Many objects at once, and lists kept under a name.
import type { Page } from "@playwright/test";
import { expect, test, type World } from "./world";

const SESSIONS = "/peering/internet-exchange-peering-sessions";
const statuses = async (world: World) => {
  const page = await world.call<any>("records/list", { request: { type: "peering.internetexchangepeeringsession", fields: ["status"] } });
  const at = page.records.fields.indexOf("status") + 2;
  return page.records.rows.map((row: any[]) => row[at]) as string[];
};
const tick = (page: Page, at: number) => page.locator("tbody").getByRole("checkbox").nth(at);

test("ticked rows are edited together: tried, made, undone", async ({ page, world, signedIn, axe }) => {
  await signedIn();
  await page.goto(SESSIONS);
  await tick(page, 0).click();
  await tick(page, 2).click({ modifiers: ["Shift"] });
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog", { name: "Edit 3 IX sessions" });
  await expect(dialog.getByText("What would change shows here")).toBeVisible();
  await dialog.getByLabel("A field to change").selectOption("TTL");
  await dialog.getByLabel("TTL", { exact: true }).fill("900");
  await expect(dialog.getByText("cannot be changed so")).toBeVisible();
  await expect(dialog.getByText("Allowed are 1 to 255.").first()).toBeVisible();
  await expect(dialog.getByRole("button", { name: /^Change/ })).toBeDisabled();
  await dialog.getByRole("button", { name: "Leave TTL as it is" }).click();
  await dialog.getByLabel("A field to change").selectOption("Status");
  await dialog.getByLabel("Status", { exact: true }).selectOption("maintenance");
  await expect(dialog.getByText("3 would change.")).toBeVisible();
  await axe();
  expect(await statuses(world)).not.toContain("maintenance");
  await dialog.getByRole("button", { name: "Change 3" }).click();
  await expect(page.getByText("Changed 3 IX sessions").first()).toBeVisible();
  expect((await statuses(world)).filter((status) => status === "maintenance")).toHaveLength(3);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => statuses(world)).not.toContain("maintenance");
});

test("all that match are edited by their filter, and a tag is added to what is there", async ({ page, world, signedIn }) => {
  const all = world.sessions.length;
  await signedIn();
  await page.goto(`${SESSIONS}?per=4`);
  await page.getByRole("checkbox", { name: "Select all on this page" }).check();
  await page.getByRole("button", { name: `Select all ${all} that match` }).click();
  await expect(page.getByText(`${all} selected`)).toBeVisible();
  await page.getByRole("button", { name: /^Edit/ }).click();
  const dialog = page.getByRole("dialog", { name: `Edit ${all} IX sessions` });
  await dialog.getByLabel("A field to change").selectOption("Tags");
  await expect(dialog.getByLabel("What becomes of Tags")).toHaveValue("gets added");
  await dialog.getByRole("combobox", { name: "Tags", exact: true }).fill("Core");
  await page.getByRole("option", { name: "Core" }).click();
  await expect(dialog.getByText(`${all} would change.`)).toBeVisible();
  await dialog.getByRole("button", { name: `Change ${all}` }).click();
  await expect(page.getByText(`Changed ${all} IX sessions`).first()).toBeVisible();
  await page.goto(`${SESSIONS}?f=tags:Core`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`${all} of ${all}`);
});

test("ticked rows are deleted together, and come back together", async ({ page, world, signedIn }) => {
  await signedIn();
  for (const name of ["Red", "Green", "Blue"]) {
    await world.call("records/save", { edit: { type: "extras.tag", fields: { name, slug: name.toLowerCase() } } });
  }
  const tags = async () => (await world.call<any>("records/list", { request: { type: "extras.tag" } })).total;
  const before = await tags();
  await page.goto("/extras/tags?f=slug:red,green,blue");
  await page.getByRole("checkbox", { name: "Select all on this page" }).check();
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete 3 tags?" });
  await expect(dialog.getByText("Nothing else refers to them.")).toBeVisible();
  await dialog.getByRole("button", { name: "Delete 3 tags" }).click();
  await expect(page.getByText("Deleted 3 tags").first()).toBeVisible();
  expect(await tags()).toBe(before - 3);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(tags).toBe(before);
});

test("a view is saved, opened, changed, shared and deleted", async ({ page, world, signedIn, axe }) => {
  expect(world.sessions.length).toBeGreaterThan(0);
  await signedIn();
  await page.goto(`${SESSIONS}?f=status:enabled&sort=-ip_address`);
  const views = page.getByRole("navigation", { name: "Views of this list" });
  await page.getByRole("button", { name: "Save view" }).click();
  const dialog = page.getByRole("dialog", { name: "Save this view" });
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("Name is needed.")).toBeVisible();
  await dialog.getByLabel("Name").fill("Working");
  await axe();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  const tab = views.getByRole("link", { name: /^Working/ });
  await expect(tab).toHaveAttribute("aria-current", "page");

  await views.getByRole("link", { name: /^All/ }).click();
  await expect(page).toHaveURL(SESSIONS);
  await tab.click();
  await expect(page).toHaveURL(/f=status:enabled&sort=-ip_address&v=\d+$/);
  await expect(views.getByText("View changed")).toHaveCount(0);
  await page.getByRole("table", { name: "IX sessions" }).getByRole("button", { name: "Status", exact: true }).click();
  await expect(views.getByText("View changed")).toBeVisible();
  await page.getByRole("button", { name: "Save view" }).click();
  await expect(dialog.getByLabel("Name")).toHaveValue("Working");
  await dialog.getByLabel("Everybody sees it").check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(views.getByText("View changed")).toHaveCount(0);
  await page.getByRole("button", { name: "Edit view" }).click();
  await expect(dialog.getByLabel("Everybody sees it")).toBeChecked();
  await dialog.getByRole("button", { name: "Delete view" }).click();
  await expect(tab).toHaveCount(0);
});
