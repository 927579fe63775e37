// Export templates: written in the studio, offered by the lists of their type, and what becomes of what a list shows.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "./world";

const NETWORKS = "/peering/autonomous-systems";
const editor = (page: Page) => page.getByTestId("template-editor").getByRole("textbox", { name: "Template" });
const result = (page: Page) => page.getByTestId("result");

/** What the list's menu gives, by the name of a template. */
async function exported(page: Page, name: string) {
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const item = page.getByRole("menuitem", { name });
  const note = await item.innerText();
  const [download] = await Promise.all([page.waitForEvent("download"), item.click()]);
  return { note, file: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

test("an export template is written, seen while one types, and makes a file of what a list shows", async ({ page, world, signedIn, axe }) => {
  const { call } = world;
  const create = async (type: string, fields: object): Promise<number> => (await call("records/save", { edit: { type, fields } })).record.rows[0][0];
  for (const asn of [4250000001, 4250000002, 4250000003]) await create("peering.autonomoussystem", { asn, name: `Documented ${asn}` });
  await signedIn();

  // nothing is chosen, so nothing is exported
  await page.goto("/extras/export-templates");
  await page.getByRole("link", { name: "Add export template" }).first().click();
  await expect(page.getByText("Nothing is exported yet")).toBeVisible();
  await axe();
  await page.getByRole("textbox", { name: "Name" }).fill("numbers.csv");
  await page.getByRole("combobox", { name: "Exports" }).selectOption({ label: "Autonomous system" });
  await editor(page).click();
  await page.keyboard.type("{{ data", { delay: 20 });
  await expect(page.getByRole("option", { name: /^dataset/ }).first()).toContainText("what is exported");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("{% for a in dataset.filter(asn__gt=4250000000) %}");
  await page.keyboard.press("Enter");
  await page.keyboard.type("{{ a.asn }};{{ a.nam", { delay: 20 });
  await expect(page.getByRole("option", { name: /^name/ }).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.type("e }}");
  await page.keyboard.press("Enter");
  await page.keyboard.type("{% endfor %}");
  await expect(result(page)).toContainText("4250000003;Documented 4250000003");
  await page.getByRole("switch", { name: "Trim blocks" }).or(page.getByRole("checkbox", { name: "Trim blocks" })).click();
  await expect(result(page)).toHaveText("4250000001;Documented 4250000001\n4250000002;Documented 4250000002\n4250000003;Documented 4250000003");
  await axe();
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page).toHaveURL(/\/extras\/export-templates\/\d+\/studio/);
  const path = new URL(page.url()).pathname.replace("/studio", "");

  // its page: the same, as the server has it
  await page.goto(path);
  await expect(page.getByRole("region", { name: "Text of the template" })).toContainText("dataset.filter");
  await page.getByRole("link", { name: "Export", exact: true }).click();
  await expect(result(page)).toContainText("4250000002;Documented 4250000002");
  await expect(page.getByTestId("server-check")).toHaveText(/identical on the server/);
  await axe();
  const [whole] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download" }).click()]);
  expect(whole.suggestedFilename()).toBe("numbers.csv");
  expect(readFileSync(await whole.path(), "utf8")).toBe("4250000001;Documented 4250000001\n4250000002;Documented 4250000002\n4250000003;Documented 4250000003\n");

  // what a list shows, in its order; then what is ticked
  await page.goto(`${NETWORKS}?f=Documented+-asn:4250000002&sort=-asn`);
  await expect(page.getByRole("main").getByRole("link", { name: /4250000003/ }).first()).toBeVisible();
  expect(await exported(page, "numbers.csv")).toMatchObject({ file: "numbers.csv", text: "4250000003;Documented 4250000003\n4250000001;Documented 4250000001\n" });
  await page.getByRole("row", { name: /4250000001/ }).getByRole("checkbox").check();
  const ticked = await exported(page, "numbers.csv");
  expect(ticked.note).toContain("1 ticked");
  expect(ticked.text).toBe("4250000001;Documented 4250000001\n");

  // one that is at fault says where; another type's is not offered
  await create("extras.exporttemplate", { name: "broken", content_type: "peering.autonomoussystem", template: "\n\n{{ dataset | nothing }}" });
  await create("extras.exporttemplate", { name: "platforms", content_type: "devices.platform", template: "{{ dataset }}" });
  await page.reload();
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await expect(page.getByRole("menuitem", { name: "numbers.csv" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "platforms" })).toHaveCount(0);
  await axe();
  await page.getByRole("menuitem", { name: "broken" }).click();
  await expect(page.getByRole("region", { name: "Messages" })).toContainText("at line 3");
});
