// Everything by keyboard: making an object, walking through a list, searching, and the sheet that says which keys work.
import type { Page } from "@playwright/test";
import { expect, test } from "./world";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

test.beforeEach(async ({ world, signIn }) => {
  expect(world.sessions.length).toBeGreaterThan(2);
  await signIn();
});

/** Presses Tab until the control has the focus; it has to come within so many presses. */
async function tabTo(page: Page, role: "textbox" | "button" | "switch" | "link", name: string | RegExp, most = 40) {
  const wanted = page.getByRole(role, { name, exact: typeof name === "string" }).first();
  for (let pressed = 0; pressed < most; pressed++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return wanted;
    await page.keyboard.press("Tab");
  }
  await expect(wanted).toBeFocused();
  return wanted;
}

/** The focus is to be seen: an outline, a ring, or a border that another state does not have. */
async function showsFocus(page: Page) {
  const drawn = await page.evaluate(() => {
    const seen = (element: Element | null): boolean => {
      if (!element || element === document.body) return false;
      const style = getComputedStyle(element);
      if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) return true;
      if (style.boxShadow !== "none") return true;
      // a control inside its frame: the frame shows it
      return element.parentElement?.matches(":focus-within") && element.parentElement.children.length < 6
        ? seen(element.parentElement) : false;
    };
    return seen(document.activeElement);
  });
  expect(drawn).toBe(true);
}

test("an autonomous system is made without a mouse", async ({ page, axe }) => {
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(heading(page)).toContainText("Autonomous systems");
  await expect(heading(page)).toBeFocused();
  await page.keyboard.press("c");
  await expect(heading(page)).toContainText("Add autonomous system");
  await expect(heading(page)).toBeFocused();

  await tabTo(page, "textbox", "ASN");
  await showsFocus(page);
  await page.keyboard.type("as1.10");
  await tabTo(page, "textbox", "Name");
  // read as what it means, in its own form
  await expect(page.getByRole("textbox", { name: "ASN" })).toHaveValue("AS65546");
  await page.keyboard.press("Control+s");
  // what is missing has the focus, and says what it wants
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).toBeFocused();
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).toHaveAttribute("aria-invalid", "true");
  await page.keyboard.type("Typed Networks");
  await tabTo(page, "switch", "Affiliated");
  await showsFocus(page);
  await page.keyboard.press("Space");
  await expect(page.getByRole("switch", { name: "Affiliated" })).toBeChecked();
  // a reference: type, go down, take
  await tabTo(page, "button", /^Save( Ctrl S)?$/, 60);
  await showsFocus(page);
  await axe();
  await page.keyboard.press("Enter");
  await expect(heading(page)).toContainText("AS65546 - Typed Networks");
  await expect(heading(page)).toBeFocused();

  // and edited: e, the reference to a tag by arrows
  await page.keyboard.press("e");
  await expect(heading(page)).toContainText("Edit AS65546");
  const tags = page.getByRole("combobox", { name: "Tags" });
  await tags.focus();
  await page.keyboard.type("cor");
  await expect(page.getByRole("option", { name: "Core" })).toBeVisible();
  await expect(tags).toHaveAttribute("aria-activedescendant", /.+/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Remove Core" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+s");
  await expect(heading(page)).toContainText("AS65546 - Typed Networks");
  await expect(page.getByRole("main")).toContainText("Core");
});

test("a list is walked with j and k, ticked with x, opened with Enter", async ({ page }) => {
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(heading(page)).toContainText("IX sessions");
  const rows = page.getByRole("table", { name: "IX sessions" }).locator("tbody tr");
  await expect(rows.nth(3)).toBeVisible();
  const link = (at: number) => rows.nth(at).getByRole("rowheader").getByRole("link");

  await page.keyboard.press("j");
  await expect(link(0)).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  await expect(link(2)).toBeFocused();
  await showsFocus(page);
  await page.keyboard.press("k");
  await expect(link(1)).toBeFocused();
  await page.keyboard.press("x");
  await expect(rows.nth(1)).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("toolbar", { name: "Selection" })).toContainText("1 selected");
  await page.keyboard.press("Shift+J");
  await expect(page.getByRole("toolbar", { name: "Selection" })).toContainText("2 selected");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("toolbar", { name: "Selection" })).toHaveCount(0);
  await expect(rows.nth(1)).not.toHaveAttribute("aria-selected", "true");

  await expect(link(2)).toBeFocused();
  const words = await link(2).innerText();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/peering\/internet-exchange-peering-sessions\/\d+$/);
  await expect(heading(page)).toContainText(words);
  // its tabs, and back
  await page.keyboard.press("]");
  await expect(page).toHaveURL(/tab=/);
  await page.keyboard.press("[");
  await expect(page).not.toHaveURL(/tab=/);
});

test("/ goes to the list's filter, and letters are letters there", async ({ page }) => {
  await page.goto("/peeringdb/networks");
  await expect(page.getByRole("table", { name: "Networks" })).toBeVisible();
  await page.keyboard.press("/");
  const filter = page.getByRole("combobox", { name: "Filter Networks" });
  await expect(filter).toBeFocused();
  await page.keyboard.type("juniper cloud");
  await expect(page.getByRole("table", { name: "Networks" }).locator("tbody tr")).toHaveCount(1);
  await expect(filter).toHaveValue("juniper cloud");
  await expect(filter).toBeFocused();
  // a field is offered, and its value after it
  await filter.clear();
  await page.keyboard.type("poli");
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(filter).toHaveValue(/^policy\w*:$/);
});

test("Ctrl K searches everything from everywhere, also from a control", async ({ page, axe }) => {
  await page.goto("/peering/autonomous-systems/new");
  await page.getByRole("textbox", { name: "ASN" }).focus();
  await page.keyboard.press("Control+k");
  const search = page.getByRole("combobox", { name: "Search or jump to" });
  await expect(search).toBeFocused();
  await page.keyboard.type("edge-1");
  await expect(page.getByRole("option", { name: /edge-1/ }).first()).toBeVisible();
  await axe();
  await page.keyboard.press("Escape");
  await expect(search).toBeHidden();
  await expect(page.getByRole("textbox", { name: "ASN" })).toBeFocused();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("routers");
  await expect(page.getByRole("option", { name: /^Routers/ })).toBeVisible();
  const found = page.getByRole("option");
  for (let at = 0; at < await found.count(); at++) {
    if (/^Routers/.test(await page.locator("[role=option][aria-selected=true]").innerText())) break;
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/devices\/routers$/);
  await expect(heading(page)).toContainText("Routers");
});

test("? shows what works here, and gives the focus back", async ({ page, axe }) => {
  await page.goto("/peering/internet-exchange-peering-sessions");
  await expect(page.getByRole("table", { name: "IX sessions" }).locator("tbody tr").first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.locator("tbody :focus")).toHaveCount(1);
  const before = await page.evaluate(() => document.activeElement?.textContent);
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys" });
  await expect(sheet).toBeVisible();
  for (const said of ["Everywhere", "In this list", "Next row", "Search or jump", "Go to routers"]) {
    await expect(sheet.getByText(said, { exact: true }).first()).toBeVisible();
  }
  await axe();
  // single letters can be switched off (WCAG 2.1.4)
  await sheet.getByRole("switch", { name: "Single letters are commands" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(before);
  await page.keyboard.press("c");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search or jump to" })).toBeFocused();
  await expect(page).toHaveURL(/peering-sessions$/);
});
