// PeeringDB beyond the synchronisation itself: taking over what is ours, staying in step, and what changed there.
import type { Page } from "@playwright/test";
import { EXCHANGE, expect, OPERATOR, test, type World } from "./world";

const SYSTEMS = "/peering/autonomous-systems";
const EXCHANGES = "/peering/internet-exchanges";
const count = async (world: World, type: string) => (await world.call<any>("records/list", { request: { type } })).total as number;
const heading = (page: Page) => page.getByRole("heading", { level: 1 });

async function value(world: World, type: string, id: number, field: string): Promise<any> {
  const { record } = await world.call<any>("records/get", { object: { type, id } });
  return record.rows[0][record.fields.indexOf(field) + 2];
}

const change = (world: World, type: string, id: number, fields: object) =>
  world.call("records/save", { edit: { type, id, version: 0, fields } });

/** The networks that we have no autonomous system for. */
async function strangers(world: World, networks: Record<string, unknown>[]) {
  const known = await world.call<any>("records/list", { request: { type: "peering.autonomoussystem", fields: ["asn"] } });
  const numbers = known.records.rows.map((row: any[]) => row[2]);
  return networks.filter((row) => !numbers.includes(row.asn));
}

test("exchanges and connections are previewed, imported and taken back", async ({ page, world, signedIn, axe }) => {
  expect(await count(world, "peering.internetexchange")).toBe(1);
  await signedIn();
  await page.goto(EXCHANGES);
  await page.getByRole("link", { name: "Import from PeeringDB" }).click();
  await expect(heading(page)).toContainText("Import from PeeringDB");
  // other flows may have made networks of their own
  await page.getByRole("combobox", { name: "Autonomous system" }).selectOption(String(world.asn));
  await expect(page).toHaveURL(new RegExp(`as=${world.asn}$`));
  const table = page.getByRole("table", { name: "What PeeringDB lists" });
  await expect(page.getByText("Exchanges and connections: 4 new, 2 there already")).toBeVisible();
  await expect(table).toContainText("as Harbour-IX (harbour-ix)");
  await expect(table).toContainText("198.51.100.10/25");
  await expect(table.getByText(EXCHANGE)).toHaveCount(0);
  await axe();
  await page.getByLabel("Show what is there already").check();
  await expect(page).toHaveURL(/all=1/);
  await expect(table.getByRole("rowheader", { name: EXCHANGE, exact: true })).toBeVisible();

  // what somebody else adds meanwhile is seen before anything is pressed
  const address = { ipv4_address: "203.0.113.10/25" };
  const { record } = await world.call<any>("records/save", { edit: { type: "net.connection", fields: address } });
  await expect(page.getByText("3 new, 1 to link, 2 there already")).toBeVisible();
  await expect(table).toContainText("It has 203.0.113.10.");
  await world.call("records/delete", { object: { type: "net.connection", id: record.rows[0][0] } });
  await expect(page.getByText("4 new, 2 there already")).toBeVisible();

  await page.getByRole("checkbox", { name: "Take Meridian Exchange", exact: true }).uncheck();
  await page.getByRole("button", { name: /^Import 1 internet exchange, 1 connection/ }).click();
  await expect(page.getByText("1 internet exchange, 1 connection imported").first()).toBeVisible();
  expect(await count(world, "peering.internetexchange")).toBe(2);
  expect(await count(world, "net.connection")).toBe(2);
  await expect(page.getByText("2 new, 4 there already")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => count(world, "peering.internetexchange")).toBe(1);
  expect(await count(world, "net.connection")).toBe(1);
});

test("without an AS of ours, or without PeeringDB, the import says what to do first", async ({ page, peerage }) => {
  const fresh = await peerage.fresh();
  try {
    await page.goto(fresh.said.match(/http:\S+first-run\?token=\S+/)![0]);
    await page.getByLabel("User name").fill("first");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Begin" }).click();
    await expect(heading(page)).toHaveText("Overview");
    await page.goto(`${fresh.address}${EXCHANGES}/import`);
    await expect(page.getByRole("heading", { name: "None of your networks is here yet" })).toBeVisible();
    await page.getByRole("link", { name: "Add your AS" }).click();
    await page.getByRole("textbox", { name: "ASN", exact: true }).fill(String(OPERATOR.asn));
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Ours");
    await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
    await expect(heading(page)).toContainText("Ours");
    await page.goto(`${fresh.address}${EXCHANGES}/import`);
    await expect(page.getByRole("heading", { name: "The PeeringDB cache is empty" })).toBeVisible();
  } finally {
    await fresh.stop();
  }
});

test("an autonomous system is compared with PeeringDB, brought into step and back", async ({ page, world, signedIn, axe }) => {
  await change(world, "peering.autonomoussystem", world.asn, { name: "Our own word", ipv4_max_prefixes_peeringdb_sync: false, ipv4_max_prefixes: 7 });
  await signedIn();
  await page.goto(`${SYSTEMS}/${world.asn}`);
  await page.getByRole("link", { name: "PeeringDB", exact: true }).last().click();
  const table = page.getByRole("table", { name: "What PeeringDB should be told" });
  const name = table.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Name" }) });
  await expect(name).toContainText("Our own word");
  await expect(name).toContainText(OPERATOR.name);
  await expect(name).toContainText("takes PeeringDB's value");
  await expect(table).toContainText("“IPv4 max prefixes from PeeringDB” is switched off for this AS");
  await axe();
  await page.getByRole("button", { name: "Synchronise" }).first().click();
  await expect(page.getByText(/^Taken from PeeringDB: .*Name.*Left as it is: IPv4 max prefixes/).first()).toBeVisible();
  expect(await value(world, "peering.autonomoussystem", world.asn, "name")).toBe(OPERATOR.name);
  expect(await value(world, "peering.autonomoussystem", world.asn, "ipv4_max_prefixes")).toBe(7);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => value(world, "peering.autonomoussystem", world.asn, "name")).toBe("Our own word");
  await page.getByRole("button", { name: "Synchronise" }).first().click();
  await expect.poll(() => value(world, "peering.autonomoussystem", world.asn, "name")).toBe(OPERATOR.name);
});

test("typing a number offers the rest, and what was typed stays", async ({ page, world, rows, signedIn }) => {
  const [other, right] = await strangers(world, rows.of("net"));
  await signedIn();
  await page.goto(`${SYSTEMS}/new`);
  const box = (name: string) => page.getByRole("textbox", { name, exact: true });
  await box("Name").fill("Typed by hand");
  await box("ASN").fill(String(other.asn));
  const offer = page.getByRole("status").filter({ hasText: "PeeringDB:" });
  await expect(offer).toContainText(String(other.name));
  await expect(offer).toContainText(`Name: what you typed stays. PeeringDB has ${other.name}`);
  await offer.getByRole("button", { name: "Fill in" }).click();
  await expect(box("IRR AS-SET")).toHaveValue(`AS${other.asn}:AS-ALL`);
  await expect(box("Name")).toHaveValue("Typed by hand");
  await offer.getByRole("button", { name: "Undo" }).click();
  await expect(box("IRR AS-SET")).toHaveValue("");
  await offer.getByRole("button", { name: "Take that" }).click();
  await expect(box("Name")).toHaveValue(String(other.name));
  // what was filled in for a number that was not meant is nobody's word
  await box("Name").fill("");
  await offer.getByRole("button", { name: "Fill in" }).click();
  await box("ASN").fill(String(right.asn));
  await expect(offer).toContainText(String(right.name));
  await offer.getByRole("button", { name: "Fill in" }).click();
  await expect(box("Name")).toHaveValue(String(right.name));
  await expect(box("IRR AS-SET")).toHaveValue(`AS${right.asn}:AS-ALL`);
  await box("ASN").fill(String(OPERATOR.asn));
  await expect(page.getByText("You have this autonomous system already.")).toBeVisible();
  await page.getByRole("link", { name: "Open it" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /discard/i }).click();
  await expect(page).toHaveURL(new RegExp(`${SYSTEMS}/${world.asn}$`));
});

test("a network of PeeringDB's leads to its ports and to ours", async ({ page, world, rows, signedIn }) => {
  await signedIn();
  await page.goto("/peeringdb/networks?f=halyard");
  await page.getByRole("rowheader").getByRole("link", { name: OPERATOR.name }).click();
  await expect(page.getByRole("link", { name: /Ports on LANs/ })).toContainText("3");
  await expect(page.getByRole("link", { name: /Network contacts/ })).toContainText("1");
  await page.getByRole("link", { name: "Open your AS" }).click();
  await expect(page).toHaveURL(new RegExp(`${SYSTEMS}/${world.asn}$`));
  const [other] = await strangers(world, rows.of("net"));
  await page.goto(`/peeringdb/networks/${other.id}`);
  await page.getByRole("link", { name: "Add as peer" }).click();
  await expect(page.getByRole("textbox", { name: "ASN", exact: true })).toHaveValue(new RegExp(String(other.asn)));
  await expect(page.getByRole("button", { name: "Fill in" })).toBeVisible();
});

test("an exchange is linked by its connections, and says why it cannot be", async ({ page, world, signedIn }) => {
  await change(world, "peering.internetexchange", world.exchange, { peeringdb_ixlan: null });
  await signedIn();
  await page.goto(`${EXCHANGES}/${world.exchange}`);
  await page.getByRole("button", { name: "Link to PeeringDB" }).click();
  await expect(page.getByText(`Linked to ${EXCHANGE}`).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Link to PeeringDB" })).toHaveCount(0);
  const fields = { name: "Empty", slug: "empty", local_autonomous_system: world.asn };
  const { record } = await world.call<any>("records/save", { edit: { type: "peering.internetexchange", fields } });
  await page.goto(`${EXCHANGES}/${record.rows[0][0]}`);
  await page.getByRole("button", { name: "Link to PeeringDB" }).click();
  await expect(page.getByText("It has no connection yet").first()).toBeVisible();
  await world.call("records/delete", { object: { type: "peering.internetexchange", id: record.rows[0][0] } });
});

test("what changed upstream is told, what concerns us first", async ({ page, world, rows, peerage, signedIn, axe }) => {
  const systems = await world.call<any>("records/list", { request: { type: "peering.autonomoussystem", filter: "affiliated:no", fields: ["asn"] } });
  const asn = systems.records.rows[0][2];
  rows.rename(asn, "Another name now");
  await peerage.run(["peeringdb", "sync", "--from", rows.directory]);
  await signedIn();
  await page.goto("/peeringdb/synchronisations");
  await page.getByRole("table").getByRole("rowheader").getByRole("link").first().click();
  const peers = page.getByRole("region", { name: "Your peers" }).or(page.locator("section", { hasText: "Your peers" })).first();
  await expect(peers).toContainText(`You have AS${asn}`);
  await expect(peers).toContainText("Another name now");
  await axe();
  await page.getByRole("combobox", { name: "Type" }).selectOption("Ports on LANs");
  await expect(page.getByText("No change is told one by one")).toBeVisible();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Changed upstream" }).click();
  await expect(page.getByRole("table", { name: "Changed upstream" })).toContainText("Your peers");
  await page.getByRole("table", { name: "Changed upstream" }).getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByRole("main")).toContainText("Another name now");
});
