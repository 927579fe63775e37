// Templates that routers use: what their pages say of it, and what stands in the way of breaking them.
import type { Page } from "@playwright/test";
import { expect, test } from "./world";

const editor = (page: Page) => page.getByTestId("template-editor").getByRole("textbox", { name: "Template" });
const dialog = (page: Page) => page.getByRole("dialog", { name: "The template does not work" });

test("a broken template that a router uses is saved when somebody insists", async ({ page, world, signedIn, axe }) => {
  const { call } = world;
  const template = (await call("records/save", { edit: { type: "devices.configuration", fields: { name: "fragile", template: "! {{ router.name }}\n" } } })).record.rows[0][0];
  const asn = world.asn;
  const router = (await call("records/save", { edit: { type: "devices.router",
    fields: { name: "fragile-1", hostname: "fragile-1.example.net", local_autonomous_system: asn, configuration_template: template } } })).record.rows[0][0];
  const stored = async () => {
    const { record } = await call("records/get", { object: { type: "devices.configuration", id: template } });
    return record.rows[0][record.fields.indexOf("template") + 2];
  };
  await signedIn();
  await page.goto(`/devices/configurations/${template}/studio`);
  await expect(page.getByTestId("result")).toHaveText("! fragile-1");

  // saved while the text is still being rendered: it is waited for
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("{% if %}");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(dialog(page)).toContainText("1 router uses this. It has no working configuration until it is mended.");
  await axe();
  await dialog(page).getByRole("button", { name: "Go on writing" }).click();
  await expect(dialog(page)).toHaveCount(0);
  expect(await stored()).toBe("! {{ router.name }}\n");

  // what fails for the router that is shown; all of the text typed over
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("{{ 1 + 'a'");
  await expect(page.getByTestId("problems")).not.toContainText("none");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(dialog(page)).toContainText("It fails for fragile-1.");
  await dialog(page).getByRole("button", { name: "Save all the same" }).click();
  await expect(page.getByRole("region", { name: "Messages" })).toContainText("Saved fragile");
  await expect(dialog(page)).toHaveCount(0);
  expect(await stored()).toContain("{{ 1 + 'a'");
  await page.goto(`/devices/routers/${router}?tab=configuration`);
  await expect(page.getByTestId("fault")).toBeVisible();
  await expect(page.getByRole("complementary", { name: "Where it comes from" })).toContainText("Template");

  // nobody is asked about one that works
  await page.goto(`/devices/configurations/${template}/studio`);
  await expect(page.getByTestId("problems")).toContainText("1 problem");
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("! mended");
  await page.keyboard.press("ControlOrMeta+s");
  await expect.poll(stored).toBe("! mended");
  await expect(dialog(page)).toHaveCount(0);
});

test("a broken template that a router has only as a part of its own asks as well", async ({ page, world, signedIn }) => {
  const { call } = world;
  const template = async (name: string, text: string) =>
    (await call("records/save", { edit: { type: "devices.configuration", fields: { name, template: text } } })).record.rows[0][0];
  const part = await template("a part", "! part\n");
  const whole = await template("the whole", "{% include_configuration 'a part' %}");
  await call("records/save", { edit: { type: "devices.router",
    fields: { name: "parted-1", hostname: "parted-1.example.net", local_autonomous_system: world.asn, configuration_template: whole } } });
  await signedIn();
  await page.goto(`/devices/configurations/${part}/studio`);
  await expect(page.getByTestId("result")).toContainText("! part");
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("{% if %}");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(dialog(page)).toContainText("Syntax error at line 2");
  await expect(dialog(page)).toContainText("1 router uses this. It has no working configuration until it is mended.");
  await dialog(page).getByRole("button", { name: "Save all the same" }).click();
  await expect(page.getByRole("region", { name: "Messages" })).toContainText("Saved a part");
});

test("a template's page has its text and its routers, a router's Configuration tab what it is made from", async ({ page, world, signedIn, axe }) => {
  const { call } = world;
  const create = async (type: string, fields: object): Promise<number> => (await call("records/save", { edit: { type, fields } })).record.rows[0][0];
  await create("devices.configuration", { name: "Foot", template: "!" });
  const template = await create("devices.configuration", { name: "with a foot", template: "! {{ router.name }}\n{% include_configuration 'Foot' %}" });
  const router = await create("devices.router", { name: "footed-1", hostname: "footed-1.example.net", local_autonomous_system: world.asn,
    configuration_template: template, local_context_data: { one: 1, two: 2 } });
  await signedIn();
  await page.goto(`/devices/configurations/${template}`);
  await expect(page.getByRole("region", { name: "Text of the template" })).toContainText("{% include_configuration 'Foot' %}");
  await axe();
  await page.getByRole("complementary", { name: "More about it" }).getByRole("link", { name: "footed-1" }).click();
  await expect(page).toHaveURL(new RegExp(`/devices/routers/${router}\\?tab=configuration`));
  const rail = page.getByRole("complementary", { name: "Where it comes from" });
  await expect(page.getByTestId("server-check")).toHaveText(/identical on the server/);
  await expect(rail).toContainText("There is none: no push has brought a configuration to this router yet");
  await expect(rail).toContainText("It would be these 2 lines.");
  await expect(rail.getByRole("link", { name: "with a foot" })).toBeVisible();
  await expect(rail.getByRole("link", { name: "Foot", exact: true })).toBeVisible();
  await expect(rail.getByRole("link", { name: "2 values from Local context data" })).toBeVisible();
  await expect(rail).toContainText(/just now by|ago by/);
  await axe();
});
