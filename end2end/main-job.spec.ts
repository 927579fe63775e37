// The main job as a person does it, by clicking and typing: from an empty database and PeeringDB's rows to new sessions in
// a router's configuration; then what one does with it every day.
import type { Locator, Page } from "@playwright/test";
import { alone, EXCHANGE, expect, OPERATOR } from "./world";

const test = alone();

const ROUTER = "edge-1";
/** A network at the exchange that changes its name between two synchronisations. */
const RENAMED = { asn: 1000513, name: "Alder Fibre and Copper" };

const navigation = (page: Page) => page.getByRole("navigation", { name: "Main" });
const heading = (page: Page) => page.getByRole("heading", { level: 1 });
/** A parameter of the address bar. */
const inAddress = (page: Page, name: string) => expect.poll(() => new URL(page.url()).searchParams.get(name) ?? "");

/** By the navigation to a list, and by its button to the form of a new one. */
async function add(page: Page, plural: string, name: string) {
  await navigation(page).getByRole("link", { name: plural, exact: false }).click();
  await page.locator(".head").getByRole("link", { name: `Add ${name}` }).click();
  await expect(heading(page)).toContainText(`Add ${name}`);
}

/** Types into a reference's search, and takes what is offered. */
async function choose(page: Page, field: string, words: string, option: string | RegExp) {
  const box = page.getByRole("combobox", { name: field, exact: true });
  await box.click();
  await box.pressSequentially(words);
  await page.getByRole("option", { name: option }).click();
  await expect(box).toHaveValue(option);
}

const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });

/** Opens the object that a row of the list is about. */
const open = (page: Page, words: string) =>
  page.getByRole("row").filter({ hasText: words }).getByRole("rowheader").getByRole("link").click();

async function save(page: Page, title: string | RegExp) {
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(heading(page)).toContainText(title);
  await expect(page).not.toHaveURL(/\/(new|edit)\b/);
}

/** What a fact of a definition list says. */
const fact = (within: Page | Locator, name: string) =>
  within.locator(`dl > div:has(> dt:text-is("${name}")) > dd`);

const number = async (words: Locator) => Number((await words.innerText()).replace(/\D/g, ""));

test("from an empty database to sessions in a router's configuration", async ({ page, context, peerage, rows, call, signIn, axe }) => {
  test.setTimeout(240_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);

  await test.step("sign in; the overview says what to do first", async () => {
    await signIn();
    await expect(heading(page)).toHaveText("Overview");
    const steps = page.getByRole("complementary", { name: "Next steps" });
    await expect(steps).toContainText("0 of 8");
    await expect(steps.getByRole("listitem").first()).toContainText("Next: ");
    await expect(steps.locator("li").getByRole("link")).toHaveCount(8);
    await axe();
    await navigation(page).getByRole("link", { name: "Routing policies" }).click();
    await expect(page.getByRole("main")).toContainText("No routing policies yet");
    await axe();
    await navigation(page).getByRole("link", { name: "Overview" }).click();
  });

  await test.step("PeeringDB: whole, then only what is new", async () => {
    await page.getByRole("complementary", { name: "Next steps" }).getByRole("link", { name: "Synchronise" }).click();
    await expect(heading(page)).toHaveText("PeeringDB");
    await field(page, "Source").fill(rows.directory);
    await page.getByRole("button", { name: "Synchronise" }).click();
    const cache = page.getByRole("table", { name: "Types of PeeringDB in the cache" });
    for (const [type, namespace] of [["Networks", "net"], ["Exchange LANs", "ixlan"], ["Ports on LANs", "netixlan"]]) {
      const row = cache.getByRole("row").filter({ has: page.getByRole("rowheader", { name: type, exact: true }) });
      await expect(row.getByRole("cell").nth(1)).toHaveText(String(rows.of(namespace).length));
    }
    const rail = page.getByRole("complementary", { name: "Synchronisation" });
    const all = ["org", "campus", "fac", "carrier", "carrierfac", "net", "ix", "ixfac", "ixlan", "ixpfx", "netfac", "netixlan", "poc"]
      .reduce((sum, namespace) => sum + rows.of(namespace).length, 0);
    await expect(fact(rail, "Created")).toHaveText(String(all));
    await expect(fact(rail, "Rejected")).toHaveText("0");
    rows.rename(RENAMED.asn, RENAMED.name);
    await page.getByRole("button", { name: "Synchronise" }).click();
    await expect(fact(rail, "Updated")).toHaveText("1");
    await expect(fact(rail, "Created")).toHaveText("0");
  });

  await test.step("our own AS: its number is enough", async () => {
    await navigation(page).getByRole("link", { name: "Overview" }).click();
    await page.getByRole("link", { name: "Add your AS" }).click();
    await expect(page.getByRole("switch", { name: "Affiliated" })).toBeChecked();
    await field(page, "ASN").pressSequentially(String(OPERATOR.asn));
    const offer = page.getByRole("status").filter({ hasText: "PeeringDB:" });
    await expect(offer).toContainText(OPERATOR.name);
    await offer.getByRole("button", { name: "Fill in" }).click();
    await expect(field(page, "Name")).toHaveValue(OPERATOR.name);
    await expect(field(page, "IRR AS-SET")).toHaveValue(`AS${OPERATOR.asn}:AS-ALL`);
    await expect(page.getByRole("switch", { name: "Affiliated" })).toBeChecked();
    await save(page, `AS${OPERATOR.asn} - ${OPERATOR.name}`);
  });

  await test.step("router, exchange, connection", async () => {
    await add(page, "Routers", "router");
    await field(page, "Name").fill(ROUTER);
    await field(page, "Hostname").fill(`${ROUTER}.example.net`);
    await choose(page, "Platform", "fr", "FRR");
    await choose(page, "Local AS", "halyard", `AS${OPERATOR.asn} - ${OPERATOR.name}`);
    await field(page, "Local context data").fill('{"router_id": "192.0.2.1"}');
    await save(page, ROUTER);

    await add(page, "Internet exchanges", "internet exchange");
    await field(page, "Name").fill(EXCHANGE);
    await choose(page, "Local AS", String(OPERATOR.asn), `AS${OPERATOR.asn} - ${OPERATOR.name}`);
    await choose(page, "PeeringDB LAN", "northgate", EXCHANGE);
    await save(page, EXCHANGE);

    // from the exchange, which the form then knows
    await page.getByRole("link", { name: /^Connections/ }).last().click();
    await page.getByRole("link", { name: "Add connection" }).first().click();
    await expect(page.getByRole("combobox", { name: "Exchange", exact: true })).toHaveValue(EXCHANGE);
    await choose(page, "Router", "edge", ROUTER);
    await field(page, "Interface").fill("et-0/0/1");
    await field(page, "IPv4 address").fill(rows.own.ipv4);
    await field(page, "IPv6 address").fill(rows.own.ipv6);
    await save(page, `${EXCHANGE} on ${ROUTER}`);
    await expect(fact(page, "IPv6 address")).toContainText(rows.own.ipv6);
  });

  const added: string[] = [];
  await test.step("available peers: search, filter, sort, tick", async () => {
    await navigation(page).getByRole("link", { name: "Internet exchanges" }).click();
    await open(page, EXCHANGE);
    await page.locator(".head").getByRole("link", { name: "Available peers" }).click();
    await expect(heading(page)).toContainText("Available peers");
    const table = page.getByRole("table", { name: "Available peers" });
    const count = page.getByTestId("peer-count");
    await expect(table.getByRole("rowheader").first()).toBeVisible();
    const everybody = await number(count);
    expect(everybody).toBeGreaterThan(20);
    // ourselves are left out
    await expect(table.getByText(`AS${OPERATOR.asn}`, { exact: true })).toHaveCount(0);

    await page.getByRole("searchbox", { name: "Filter peers" }).pressSequentially("fibre");
    await inAddress(page, "q").toBe("fibre");
    for (const name of await table.getByRole("rowheader").allInnerTexts()) expect(name).toContain("Fibre");
    const fibre = table.getByRole("row").filter({ hasText: "Fibre" });
    added.push(...(await fibre.locator("td.mono").allInnerTexts()).slice(0, 2));
    // everything free with the first; with the second IPv4 only
    await table.getByRole("checkbox", { name: `Select everything free with ${added[0]} ` }).check();
    await table.getByRole("checkbox", { name: new RegExp(`^${added[1]} .*, IPv4 on `) }).check();
    await page.getByRole("searchbox", { name: "Filter peers" }).clear();
    await inAddress(page, "q").toBe("");

    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("menuitemradio", { name: "Restrictive" }).click();
    await inAddress(page, "policy").toBe("Restrictive");
    await expect.poll(() => number(count)).toBeLessThan(everybody);
    await expect(page.getByText("of them not shown")).toBeVisible();
    await page.getByRole("button", { name: "Remove policy Restrictive" }).click();
    await inAddress(page, "policy").toBe("");

    await table.getByRole("button", { name: "Network" }).click();
    await inAddress(page, "sort").toBe("name");
    const names = await table.getByRole("rowheader").allInnerTexts();
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, "en")));
    // what is ticked survives a reload
    await page.reload();
    await expect(page.getByText("3 ticked")).toBeVisible();
    await page.getByRole("button", { name: "Add 3 sessions" }).click();
  });

  await test.step("look through the proposed sessions, and create them with their networks", async () => {
    await expect(heading(page)).toContainText("Add sessions");
    const table = page.getByRole("table", { name: "Proposed sessions" });
    const proposed = table.getByRole("row").filter({ hasText: /AS\d+/ });
    await expect(proposed).toHaveCount(3);
    await field(page, "TTL for all").fill("900");
    await field(page, "TTL for all").blur();
    await page.getByRole("button", { name: "Create 3 sessions" }).click();
    await expect(table.getByText(/^TTL: /).first()).toBeVisible();
    await field(page, "TTL for all").fill("64");
    await field(page, "TTL for all").blur();
    await page.getByLabel(new RegExp(`^Service reference of ${added[1]} `)).fill("PEER-7");
    // IPv6 with the first is for another day
    await proposed.filter({ hasText: added[0] }).filter({ hasText: "2001:db8:" }).getByRole("button", { name: /^Remove / }).click();
    await page.getByRole("button", { name: "Create 2 sessions" }).click();
    await expect(heading(page)).toContainText("IX sessions");
    await expect(page.getByRole("region", { name: "Messages" })).toContainText("2 sessions created, 2 autonomous systems added");
    await expect(page.getByRole("table", { name: "IX sessions" }).locator("tbody tr")).toHaveCount(2);
    await expect(navigation(page).getByRole("link", { name: "Autonomous systems" })).toContainText("3");
    const { total } = await call("records/list", { request: { type: "peering.internetexchangepeeringsession", filter: "multihop_ttl:64" } });
    expect(total).toBe(2);
  });

  const result = page.getByTestId("result");
  await test.step("a template from a starter: the result is there while one types", async () => {
    await navigation(page).getByRole("link", { name: /^Templates/ }).click();
    await page.locator(".head").getByRole("link", { name: "Add configuration template" }).click();
    await expect(heading(page)).toContainText("New");
    await page.getByRole("button", { name: "Begin with frr" }).click();
    await expect(result).toContainText(`hostname ${ROUTER}`);
    for (const asn of added) await expect(result).toContainText(asn.slice(2));
    const editor = page.getByTestId("template-editor").getByRole("textbox", { name: "Template" });
    await editor.click();
    await page.keyboard.press("ControlOrMeta+Home");
    await page.keyboard.type("! Written for {{ router.name }}\n");
    await expect(result).toHaveText(new RegExp(`^! Written for ${ROUTER}`));
    await page.keyboard.type("{% if %}");
    await expect(page.getByTestId("problems")).toContainText("1 problem");
    // an error is never shown as a configuration: the last good text stays
    await expect(result).toHaveText(new RegExp(`^! Written for ${ROUTER}`));
    for (let typed = 0; typed < "{% if %}".length; typed++) await page.keyboard.press("Backspace");
    await expect(page.getByTestId("problems")).toContainText("none");
    await field(page, "Name").fill("frr edge");
    await page.keyboard.press("ControlOrMeta+s");
    await expect(page).toHaveURL(/\/devices\/configurations\/\d+\/studio/);
    await expect(heading(page)).toContainText("frr edge");
    await page.getByRole("button", { name: "Assign…" }).click();
    await page.getByRole("menuitemradio", { name: ROUTER }).click();
    await expect(page.getByRole("region", { name: "Messages" })).toContainText(`${ROUTER} uses this`);
  });

  await test.step("the router's configuration: the same bytes everywhere", async () => {
    await navigation(page).getByRole("link", { name: "Routers" }).click();
    await open(page, ROUTER);
    await page.getByRole("link", { name: "Configuration", exact: true }).click();
    await expect(page.getByTestId("server-check")).toHaveText(/identical on the server/);
    const shown = await result.textContent();
    expect(shown).toMatch(new RegExp(`^! Written for ${ROUTER}\n`));
    await page.getByRole("button", { name: "Copy", exact: true }).last().click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
    const router = Number(new URL(page.url()).pathname.split("/").pop());
    expect((await call("rendering/render", { router })).text).toBe(shown);
    expect(await peerage.run(["render", "--router", ROUTER])).toBe(shown);
    expect(await peerage.run(["render", "--router", `${ROUTER}.example.net`])).toBe(shown);
  });

  await test.step("all steps are done", async () => {
    await navigation(page).getByRole("link", { name: "Overview" }).click();
    await expect(page.getByRole("complementary", { name: "Next steps" })).toContainText("7 of 8");
  });

  await test.step("a list: words, filter, order, columns and page stand in the address bar", async () => {
    await page.goto("/peeringdb/networks");
    const table = page.getByRole("table", { name: "Networks" });
    const filter = page.getByRole("combobox", { name: "Filter Networks" });
    const body = table.locator("tbody tr");
    await expect(body).toHaveCount(100);
    await page.getByRole("button", { name: "Next page" }).click();
    await inAddress(page, "page").toBe("2");
    await expect(body).toHaveCount(rows.of("net").length - 100);
    await page.goBack();
    await expect(body).toHaveCount(100);
    await page.getByRole("combobox", { name: "Rows per page" }).selectOption("50");
    await inAddress(page, "per").toBe("50");
    await expect(body).toHaveCount(50);

    await filter.pressSequentially("university");
    await inAddress(page, "f").toBe("university");
    const universities = rows.of("net").filter((net) => /university/i.test(String(net.name)));
    await expect(body).toHaveCount(universities.length);
    await filter.fill(`university asn:>${universities[4].asn} `);
    await inAddress(page, "f").toContain(`asn:>${universities[4].asn}`);
    await expect(body).toHaveCount(universities.length - 5);

    // what is offered while one types goes with Esc
    await page.keyboard.press("Escape");
    await table.getByRole("button", { name: "ASN", exact: true }).click();
    await inAddress(page, "sort").toBe("-asn");
    await expect(table.getByRole("columnheader", { name: "ASN" })).toHaveAttribute("aria-sort", "descending");
    await expect(body.first()).toContainText(String(universities.at(-1)!.asn));

    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("dialog", { name: "Columns" }).getByRole("checkbox", { name: "Organisation" }).click();
    await inAddress(page, "cols").toMatch(/,org$/);
    await page.keyboard.press("Escape");
    // the cells of the new column fill without a reload
    await expect(body.first().getByRole("cell").last()).toHaveText(/University$/);
    const shown = await body.allInnerTexts();
    await page.reload();
    await expect(body).toHaveCount(universities.length - 5);
    expect(await body.allInnerTexts()).toEqual(shown);
    await filter.fill("nonsense:1 ");
    await expect(page.getByRole("status").filter({ hasText: "nonsense" })).toBeVisible();
  });

  await test.step("edit; the change log says what was and what is now", async () => {
    await navigation(page).getByRole("link", { name: "Autonomous systems" }).click();
    await open(page, added[0]);
    await page.getByRole("link", { name: /^Edit/ }).click();
    const before = await field(page, "IPv4 max prefixes").inputValue();
    await field(page, "IPv4 max prefixes").fill("4321");
    await field(page, "Description").fill("Met in Hamburg");
    await save(page, added[0]);
    await page.getByRole("link", { name: "Changes", exact: true }).last().click();
    const change = page.getByRole("table").first().getByRole("row").filter({ hasText: "IPv4 max prefixes" });
    await expect(change.locator("del")).toHaveText(before);
    await expect(change.locator("ins")).toHaveText("4321");
    await expect(page.getByRole("table").first().getByRole("row").filter({ hasText: "Description" }).locator("ins")).toHaveText("Met in Hamburg");

    await navigation(page).getByRole("link", { name: "Changes", exact: true }).click();
    const newest = page.getByRole("table", { name: "Changes" }).locator("tbody tr").first();
    await expect(newest).toContainText(added[0]);
    await newest.getByRole("rowheader").getByRole("link").click();
    await expect(page.locator("ins").filter({ hasText: "4321" })).toBeVisible();
    await expect(fact(page, "Object").first()).toContainText(added[0]);
  });

  await test.step("delete: first what stands in the way, then what would go", async () => {
    await navigation(page).getByRole("link", { name: "Platforms" }).click();
    await open(page, "FRR");
    await page.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("These stand in the way");
    await expect(dialog).toContainText("1 router");
    await expect(dialog).toContainText(ROUTER);
    await expect(dialog.getByRole("button", { name: /^Delete/ })).toHaveCount(0);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toHaveCount(0);

    await navigation(page).getByRole("link", { name: "Autonomous systems" }).click();
    await open(page, added[0]);
    await page.getByRole("button", { name: "Delete" }).click();
    await expect(dialog).toContainText("These go as well");
    await expect(dialog).toContainText("1 IX session");
    await dialog.getByRole("button", { name: /^Delete/ }).click();
    await expect(heading(page)).toContainText("Autonomous systems");
    await expect(page.getByRole("table", { name: "Autonomous systems" }).locator("tbody tr")).toHaveCount(2);
    await navigation(page).getByRole("link", { name: "IX sessions" }).click();
    await expect(page.getByRole("table", { name: "IX sessions" }).locator("tbody tr")).toHaveCount(1);
    const left = await peerage.run(["render", "--router", ROUTER]);
    expect(left).not.toContain(added[0].slice(2));
    expect(left).toContain(added[1].slice(2));
  });

  await test.step("sign out", async () => {
    await page.getByRole("button", { name: "Signed in as admin" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });
});
