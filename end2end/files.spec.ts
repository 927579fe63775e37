// Objects from files, in whatever bytes spreadsheets write them; and what a list exports comes back as the same.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";

const TAGS = "/extras/tags";
const outcome = (page: Page) => page.getByRole("main");
const rows = (page: Page) => page.getByRole("table", { name: "What would become of the rows" });
const choose = (page: Page, name: string, bytes: Buffer) => page.getByLabel("File", { exact: true }).setInputFiles({ name, mimeType: "text/csv", buffer: bytes });

test("a file is tried, mapped, imported, exported and taken back", async ({ page, signIn, axe }) => {
  await signIn();
  await page.goto(TAGS);
  await page.getByRole("link", { name: "Import" }).first().click();
  await expect(page.getByRole("heading", { name: "Import tags" })).toBeVisible();
  await axe();

  // windows-1252, semicolons, a heading of its own
  await choose(page, "tags.csv", Buffer.concat([Buffer.from("Title;slug;color\r\nZ"), Buffer.from([0xfc]), Buffer.from("rich;zurich;2196f3\r\nBad;b\xe4d;9e9e9e\r\n", "latin1")]));
  await expect(outcome(page).getByText("It is not UTF-8")).toBeVisible();
  await expect(outcome(page).getByText("Choose the field that is meant")).toBeVisible();
  await page.getByRole("combobox", { name: "Column Title goes into" }).selectOption("name");
  await expect(rows(page).getByText("Letters, digits, - and _ only: bad")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Import/ })).toBeDisabled();
  await axe();

  // with a byte order mark, quotation marks and a line break
  await page.getByRole("button", { name: "Another file" }).click();
  const good = "\ufeffname,slug,description\r\nZürich,zurich,\"one, \"\"two\"\"\"\r\nCore,core,\r\n";
  await choose(page, "tags.csv", Buffer.from(good));
  await expect(outcome(page).getByText("2 rows: 2 to add.")).toBeVisible();
  await expect(rows(page).getByText("one, \"two\"")).toBeVisible();
  await page.getByRole("button", { name: /^Import 2/ }).click();
  await expect(page.getByRole("table", { name: "Tags" }).getByText("Zürich")).toBeVisible();
  await expect(page.getByText("2 tags added").first()).toBeVisible();

  // what the list exports says nothing new
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "CSV" }).first().click()]);
  const exported = readFileSync(await download.path(), "utf8");
  await page.goto(`${TAGS}/import-file`);
  await choose(page, "tags.csv", Buffer.from(exported));
  await expect(outcome(page).getByText("2 rows: 2 the same already.")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Import/ })).toBeDisabled();

  // pasted, and one of them differs
  await page.getByRole("button", { name: "Another file" }).click();
  await page.getByRole("textbox", { name: "Or paste its text" }).fill("- {slug: core, name: Kern}\n- {slug: zurich, name: Zürich}\n");
  await page.getByRole("button", { name: "Take the text" }).click();
  await expect(outcome(page).getByText("2 rows: 1 to change, 1 the same already.")).toBeVisible();
  await expect(rows(page).getByText("Kern").first()).toBeVisible();
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("table", { name: "Tags" }).getByText("Kern")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).first().click();
  await expect(page.getByRole("table", { name: "Tags" }).getByText("Core")).toBeVisible();
});
