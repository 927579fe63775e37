// Exchanges and connections from PeeringDB: what it would do is seen first, one press takes it, one undo takes it back. And one
// AS that follows PeeringDB at once.
import { EXCHANGE, expect, OPERATOR, test } from "./world";

test("what PeeringDB lists for us is taken over with one press, and taken back with another", async ({ page, world, signedIn, axe }) => {
  const count = async (type: string): Promise<number> => (await world.call("records/list", { request: { type } })).total;
  const before = [await count("peering.internetexchange"), await count("net.connection")];
  await signedIn();
  await page.goto("/peering/internet-exchanges");
  await page.getByRole("link", { name: "Import from PeeringDB" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Import from PeeringDB");
  await page.goto(`/peering/internet-exchanges/import?as=${world.asn}`);
  const table = page.getByRole("table", { name: "What PeeringDB lists" });
  // what is here already is not in the way
  await expect(table).not.toContainText(EXCHANGE);
  await expect(table.getByRole("checkbox", { checked: true }).first()).toBeVisible();
  await axe();
  await page.getByRole("checkbox", { name: "Show what is there already" }).check();
  await expect(table).toContainText(EXCHANGE);
  await page.getByRole("button", { name: /^Import \d+ internet exchange/ }).click();
  const toast = page.getByRole("button", { name: "Undo" });
  await expect(toast).toBeVisible();
  const made = [await count("peering.internetexchange"), await count("net.connection")];
  expect(made[0]).toBeGreaterThan(before[0]);
  expect(made[1]).toBeGreaterThan(before[1]);
  await toast.click();
  await expect.poll(() => count("peering.internetexchange")).toBe(before[0]);
  expect(await count("net.connection")).toBe(before[1]);
});

test("an AS follows PeeringDB at once, and can be taken back", async ({ page, world, signedIn, axe }) => {
  const { record } = await world.call("records/get", { object: { type: "peering.autonomoussystem", id: world.asn } });
  await world.call("records/save", { edit: { type: "peering.autonomoussystem", id: world.asn, version: record.rows[0][1],
    fields: { name: "Typed by hand" } } });
  await signedIn();
  await page.goto(`/peering/autonomous-systems/${world.asn}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Typed by hand");
  await page.getByRole("button", { name: "Synchronise" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(OPERATOR.name);
  await axe();
  await page.getByRole("button", { name: "Synchronise" }).click();
  await expect(page.getByText("It is as in PeeringDB already.").first()).toBeVisible();
});
