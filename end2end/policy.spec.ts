// Policies, direct sessions, and rules that look at other objects: refused at the field, warned of, insisted on; what is in
// effect in the end, and whose word it is.
import type { Page } from "@playwright/test";
import { EXCHANGE, expect, OPERATOR, test } from "./world";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const save = (page: Page) => page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();

async function choose(page: Page, name: string, words: string) {
  const box = page.getByRole("combobox", { name, exact: true });
  await box.click();
  await box.pressSequentially(words);
  await page.getByRole("option", { name: words }).first().click();
}

test("a community is one of three formats", async ({ page, world, signedIn, axe }) => {
  expect(world.asn).toBeGreaterThan(0);
  await signedIn();
  await page.goto("/bgp/communities/new");
  await field(page, "Name").fill("Blackhole");
  await field(page, "Value").fill("65536:666");
  await save(page);
  await expect(field(page, "Value")).toBeFocused();
  await expect(page.getByText("A community is meant: ").first()).toBeVisible();
  await axe();
  await field(page, "Value").fill("64500:666");
  await save(page);
  await expect(heading(page)).toHaveText("Blackhole");
});

test("a policy of the other family is refused, an address off the LAN can be insisted on", async ({ page, world, signedIn, axe }) => {
  const policy = async (name: string, family: number): Promise<number> =>
    (await world.call("records/save", { edit: { type: "peering.routingpolicy", fields: { name, slug: name.toLowerCase(), address_family: family } } })).record.rows[0][0];
  await policy("ONLY-V6", 6);
  const all = await policy("EVERYBODY", 0);
  const exchange = (await world.call("records/get", { object: { type: "peering.internetexchange", id: world.exchange } })).record.rows[0];
  await world.call("records/save", { edit: { type: "peering.internetexchange", id: world.exchange, version: exchange[1],
    fields: { import_routing_policies: [all], status: "maintenance" } } });

  await signedIn();
  await page.goto(`/peering/internet-exchange-peering-sessions/new?ixp_connection=${world.connection}&autonomous_system=${world.asn}`);
  await field(page, "IP address").fill("203.0.113.77");
  await choose(page, "Export routing policies", "ONLY-V6");
  await save(page);
  await expect(page.getByText("ONLY-V6 is for IPv6, and the session is IPv4.").first()).toBeVisible();
  await page.getByRole("button", { name: "Remove ONLY-V6" }).click();
  await save(page);
  await expect(page.getByText("203.0.113.77 is not on the LAN").first()).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Save all the same" }).click();
  await expect(heading(page)).toContainText("203.0.113.77");

  const effect = page.locator("section").filter({ has: page.getByRole("heading", { name: "In effect" }) });
  await expect(effect).toContainText("Maintenance");
  await expect(effect).toContainText(new RegExp(`EVERYBODY\\s*from internet exchange\\s*${EXCHANGE}`));
  await axe();
});

test("a direct session begins with the AS that one works as, and its addresses must fit", async ({ page, world, signedIn, axe }) => {
  await world.call("records/save", { edit: { type: "bgp.relationship", fields: { name: "Customer", slug: "customer" } } });
  await world.call("records/save", { edit: { type: "peering.autonomoussystem", fields: { asn: 64701, name: "Quayside" } } });
  await signedIn();
  await page.goto("/peering/direct-peering-sessions");
  const bar = page.getByRole("button", { name: /^(AS\d+|Work as…)$/ });
  await bar.click();
  await page.getByRole("menu").getByText(`AS${OPERATOR.asn} ${OPERATOR.name}`).click();
  await expect(bar).toContainText(`AS${OPERATOR.asn}`);
  await page.locator(".head").getByRole("link", { name: "Add direct session" }).click();
  await expect(page.getByRole("combobox", { name: "Local AS", exact: true })).toHaveValue(`AS${OPERATOR.asn} - ${OPERATOR.name}`);
  await choose(page, "Autonomous system", "Quayside");
  await choose(page, "Relationship", "Customer");
  await field(page, "IP address").fill("192.0.2.1/31");
  await field(page, "Local IP address").fill("192.0.2.3/31");
  await save(page);
  await expect(page.getByText("With TTL 1 both addresses are in one network").first()).toBeVisible();
  await field(page, "Local IP address").fill("192.0.2.0/31");
  await axe();
  await save(page);
  await expect(heading(page)).toHaveText("Customer - AS64701 - IP 192.0.2.1/31");
});
