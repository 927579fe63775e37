// What the studio offers while one types, and what it says of names that are nowhere.
import { expect, test } from "./world";

test("completion knows filters, methods and templates; a name that is nowhere is told", async ({ page, world, signedIn }) => {
  await signedIn();
  await page.goto(`/devices/configurations/${world.template}/studio`);
  await expect(page.getByTestId("result")).toContainText("hostname");
  const editor = page.getByTestId("template-editor").getByRole("textbox");
  const problems = page.getByTestId("problems");
  const option = (name: string | RegExp) => page.getByRole("option", { name }).first();
  // CodeMirror takes no key in the first moment after its list has opened
  const take = async () => {
    await page.waitForTimeout(300);
    await page.keyboard.press("Enter");
  };
  await expect(problems).toContainText("none");
  await editor.click();
  await page.keyboard.press("ControlOrMeta+Home");

  await page.keyboard.type("{{ router | ixp_s", { delay: 20 });
  await expect(option(/^ixp_sessions/)).toContainText("(family=, ixp=)");
  await take();
  await page.keyboard.type("(4) | length }}\n");
  await expect(problems).toContainText("none");

  await page.keyboard.type("{{ router.get_bgp_g", { delay: 20 });
  await expect(option(/^get_bgp_groups/)).toBeVisible();
  await take();
  await page.keyboard.type(" }}\n");
  await expect(problems).toContainText("none");

  await page.keyboard.type("{% include_configuration \"", { delay: 20 });
  await expect(option(/^frr/)).toBeVisible();
  await page.keyboard.press("Escape");
  // the closing quote is there already
  await page.keyboard.type("\" %}");
  await expect(problems).toContainText("1 problem");
  for (let typed = 0; typed < "{% include_configuration \"\" %}".length; typed++) await page.keyboard.press("Backspace");

  await page.keyboard.type("{{ rotuer }}\n{{ router.hostnam }}\n");
  await expect(problems).toContainText("2 warnings");
  await expect(problems.getByRole("listitem").first()).toContainText("Did you mean router?");
  await expect(problems.getByRole("listitem").nth(1)).toContainText("Did you mean hostname?");
  await problems.getByRole("button", { name: "Line 4" }).click();
  await expect(page.getByText("Ln 4, Col 1")).toBeVisible();
  await problems.getByRole("button", { name: "Fix" }).last().click();
  await expect(problems).toContainText("1 warning");
  await expect(page.getByText("Ln 4, Col 1")).toBeVisible();
  // doubts hold nothing up: the text is there
  await expect(page.getByTestId("result")).toContainText("hostname");

  await editor.click();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.type("{{ rotuer.name }}");
  await expect(problems).toContainText("Error: 'rotuer' is undefined.");
});
