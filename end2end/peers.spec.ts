// The week's work: from an empty database with PeeringDB's rows to fifty sessions at three exchanges, by mouse, and once more
// without one; hiding who is of no interest; and the same rule seen from one network.
import type { Page } from "@playwright/test";
import { alone, expect, OPERATOR, type Call } from "./world";

const test = alone();
// the second begins where the first ends
test.describe.configure({ mode: "serial" });

const EXCHANGES = "/peering/internet-exchanges";
const SYSTEMS = "/peering/autonomous-systems";
const SESSION = "peering.internetexchangepeeringsession";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const matrix = (page: Page) => page.getByRole("table", { name: "Available peers" });
/** How many cells are ticked, as the foot of the page says. */
const ticked = async (page: Page) => {
  const words = page.locator(".foot").getByRole("status");
  return (await words.count()) ? Number((await words.innerText()).replace(/\D/g, "")) : 0;
};
const total = async (call: Call, filter = "") => (await call("records/list", { request: { type: SESSION, filter } })).total as number;

/** Sessions at each exchange. */
async function atExchanges(call: Call): Promise<number[]> {
  const { records } = await call("records/list", { request: { type: "peering.internetexchange" } });
  return Promise.all(records.rows.map((row: number[]) => total(call, `ixp_connection.internet_exchange_point:${row[0]}`)));
}

test.beforeAll(async ({ peerage, rows }) => {
  await peerage.run(["peeringdb", "sync", "--from", rows.directory]);
});

test("fifty sessions at three exchanges, by mouse", async ({ page, call, signIn, axe }) => {
  test.setTimeout(180_000);
  await signIn();
  await test.step("our AS, and our exchanges from PeeringDB", async () => {
    await page.goto(`${SYSTEMS}/new`);
    await page.getByRole("textbox", { name: "ASN", exact: true }).fill(String(OPERATOR.asn));
    await page.getByRole("button", { name: "Fill in" }).click();
    await expect(page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue(OPERATOR.name);
    await page.getByRole("switch", { name: "Affiliated" }).check();
    await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
    await expect(heading(page)).toContainText(OPERATOR.name);
    await page.goto(EXCHANGES);
    await page.getByRole("link", { name: "Import from PeeringDB" }).first().click();
    await page.getByRole("button", { name: /^Import/ }).click();
    await expect(page.getByText(/3 internet exchanges, 3 connections imported/).first()).toBeVisible();
  });

  await test.step("who is at all of them, in one table", async () => {
    await page.goto(EXCHANGES);
    await page.getByRole("main").getByRole("link", { name: "Available peers" }).click();
    await expect(heading(page)).toContainText("of your exchanges");
    await expect(matrix(page).getByRole("columnheader", { name: "Select everything free on Northgate IX" })).toBeVisible();
    await expect(matrix(page).getByRole("columnheader", { name: "Select everything free on Harbour-IX" })).toBeVisible();
    // the best stand first, and the panel says why; it does not lie over the exchanges before somebody asks for it
    await expect(page.getByRole("complementary", { name: "The network" })).toHaveCount(0);
    await matrix(page).getByRole("rowheader").first().click();
    await expect(page.getByRole("complementary", { name: "The network" })).toContainText("Why ");
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("menuitemradio", { name: /^Open/ }).click();
    await expect(page).toHaveURL(/policy=Open/);
    await axe();
  });

  await test.step("a network is hidden until a day, and comes back by hand", async () => {
    const first = matrix(page).getByRole("rowheader").first();
    const name = await first.innerText();
    await first.click();
    await page.getByRole("button", { name: "Hide", exact: true }).click();
    const dialog = page.getByRole("dialog");
    const until = dialog.getByRole("textbox", { name: "Until" });
    // a day that cannot be read hides nobody for good
    await until.fill("next spring");
    await dialog.getByRole("button", { name: "Hide", exact: true }).click();
    await expect(dialog).toContainText("next spring");
    expect((await call("records/list", { request: { type: "peeringdb.hiddenpeer" } })).total).toBe(0);
    await until.fill("2999-01-01");
    await axe();
    await dialog.getByRole("button", { name: "Hide", exact: true }).click();
    await expect(matrix(page).getByRole("rowheader", { name, exact: true })).toHaveCount(0);
    await expect(page.getByRole("link", { name: "1 hidden" })).toBeVisible();
    await page.getByRole("button", { name: "Show: hidden peers" }).click();
    await expect(matrix(page).getByRole("row").filter({ hasText: name })).toContainText("hidden");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(matrix(page).getByRole("row").filter({ hasText: name })).toContainText("free");
  });

  await test.step("fifty are ticked, whole networks and single addresses", async () => {
    const rows = matrix(page).getByRole("checkbox", { name: /^Select everything free with / });
    for (let row = 0; (await ticked(page)) <= 44; row++) await rows.nth(row).check();
    const cells = matrix(page).getByRole("checkbox", { name: /, IPv[46] on /, checked: false });
    while ((await ticked(page)) < 50) await cells.last().check();
    await expect(page.getByText("50 ticked")).toBeVisible();
    await page.getByRole("button", { name: "Add 50 sessions" }).click();
  });

  await test.step("looked through, made in one go, taken back in one go", async () => {
    await expect(page.getByRole("table", { name: "Proposed sessions" }).getByRole("rowheader")).toHaveCount(51);
    await page.getByRole("combobox", { name: "Status for all" }).selectOption("requested");
    await page.reload();
    await expect(page.getByText("What you set here before is in the table again")).toBeVisible();
    await page.getByRole("button", { name: "One for each peer" }).click();
    await expect(page.getByLabel(/^Password of /).first()).not.toHaveValue("");
    await page.getByRole("button", { name: "Create 50 sessions" }).click();
    await expect(page.getByText(/^50 sessions created/).first()).toBeVisible();
    expect(await total(call)).toBe(50);
    expect(await total(call, "status:requested")).toBe(50);
    const spread = await atExchanges(call);
    expect(spread).toHaveLength(3);
    for (const count of spread) expect(count).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => total(call)).toBe(0);
  });
});

test("fifty sessions without a mouse", async ({ page, call, signIn }) => {
  test.setTimeout(180_000);
  await signIn();
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(heading(page)).toContainText("Internet exchanges");
  const way = page.getByRole("main").getByRole("link", { name: "Available peers" });
  await expect(way).toBeVisible();
  for (let pressed = 0; pressed < 60 && !(await way.evaluate((link) => link === document.activeElement)); pressed++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(matrix(page).getByRole("rowheader").first()).toBeVisible();
  for (let row = 0; (await ticked(page)) < 50; row++) {
    await page.keyboard.press("x");
    await page.keyboard.press("j");
  }
  const count = await ticked(page);
  const button = page.getByRole("button", { name: `Add ${count} sessions` });
  await page.keyboard.press("Shift+Tab");
  for (let pressed = 0; pressed < 80 && !(await button.evaluate((element) => element === document.activeElement)); pressed++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: `Create ${count} sessions` })).toBeVisible();
  await page.keyboard.press("Control+s");
  await expect(page.getByText(new RegExp(`^${count} sessions created`)).first()).toBeVisible();
  expect(await total(call)).toBe(count);
});

test("one network, at every exchange where it meets us", async ({ page, call, signIn, axe }) => {
  await signIn();
  const { networks, ports } = await call("peers/available", { at: {} });
  const with_us = networks.findIndex((network: any, at: number) => network.autonomous_system && !network.ours &&
    ports.some((port: any) => port.network === at && port.standing.some((cell: any) => cell.some((one: any) => one === "free" || one.session))));
  const network = networks[with_us];
  await page.goto(`${SYSTEMS}/${network.autonomous_system}?tab=available-sessions`);
  const table = page.getByRole("table", { name: "Available sessions" });
  const mine = ports.filter((port: any) => port.network === with_us);
  await expect(table.getByRole("row")).toHaveCount(1 + mine.length);
  for (const port of mine) await expect(table).toContainText(port.ipv4 ?? port.ipv6);
  await axe();
});

test("a session that something speaks against is made only if one insists", async ({ page, call, signIn }) => {
  await signIn();
  const { exchanges, networks, ports } = await call("peers/available", { at: {} });
  const free = ports.find((port: any) => port.standing[0][0] === "free");
  const pick = `${free.id}.${exchanges[free.exchange].connections[0].id}.4`;
  const before = await total(call);
  await page.goto(`${EXCHANGES}/add-sessions?picks=${pick}`);
  await expect(page.getByRole("button", { name: "Create 1 session" })).toBeVisible();
  const { hidden } = await call("peers/hide", { hide: { peers: [[networks[free.network].id, exchanges[free.exchange].lan]] } });
  await page.getByRole("button", { name: "Create 1 session" }).click();
  await expect(page.getByText("The network is hidden there.")).toBeVisible();
  expect(await total(call)).toBe(before);
  await page.getByRole("button", { name: "Create all the same" }).click();
  await expect(page.getByText(/^1 session created/).first()).toBeVisible();
  expect(await total(call)).toBe(before + 1);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => total(call)).toBe(before);
  await call("records/delete", { object: { type: "peeringdb.hiddenpeer", id: hidden[0] } });
});

test("a peer that has moved: its session is offered the new address", async ({ page, call, signIn, axe }) => {
  await signIn();
  const { exchanges, networks, ports } = await call("peers/available", { at: {} });
  const there = ports.find((port: any) => port.standing[0][0].session && ports.filter((other: any) => other.network === port.network && other.exchange === port.exchange).length === 1);
  const session = there.standing[0][0].session.id;
  const network = networks[there.network];
  const taken = ports.map((port: any) => port.ipv4);
  const base = there.ipv4.split(".").slice(0, 3).join(".");
  const old = Array.from({ length: 250 }, (_, at) => `${base}.${at + 1}`).find((ip) => !taken.includes(ip));
  const { record } = await call("records/get", { object: { type: SESSION, id: session } });
  await call("records/save", { edit: { type: SESSION, id: session, version: record.rows[0][1], fields: { ip_address: old }, insist: true } });

  await page.goto(`${EXCHANGES}/${exchanges[there.exchange].id}/available-peers?q=${network.asn}`);
  const row = matrix(page).getByRole("row").filter({ hasText: `AS${network.asn}` });
  await expect(row.getByRole("link", { name: new RegExp(`old address ${old}`) })).toBeVisible();
  await page.goto(`${SYSTEMS}/${network.autonomous_system}`);
  await expect(page.getByRole("table", { name: "Sessions at addresses that PeeringDB does not list" })).toContainText(`PeeringDB lists AS${network.asn} there with ${there.ipv4}`);
  await axe();
  await page.getByRole("button", { name: `Move to ${there.ipv4}` }).first().click();
  await expect(page.getByText(`The session moved to ${there.ipv4}`).first()).toBeVisible();
  await expect(page.getByText("At other addresses")).toHaveCount(0);
  expect((await call("records/list", { request: { type: SESSION, filter: `ip_address:${there.ipv4}` } })).total).toBe(1);
});

test("what runs at an exchange stands on its page, and a session begins there", async ({ page, call, signIn, axe }) => {
  await signIn();
  const at = (await call("peers/at-exchanges")).find((one: any) => one.connections.length === 1 && one.connections[0].sessions > 0);
  await page.goto(`${EXCHANGES}/${at.id}`);
  const here = page.getByRole("table", { name: "Sessions by connection" });
  await expect(here).toContainText(String(at.connections[0].sessions));
  await axe();
  await page.getByRole("main").getByRole("link", { name: "IX sessions", exact: true }).click();
  await expect(page.getByRole("table").getByRole("row")).not.toHaveCount(0);
  await page.getByRole("link", { name: "Add IX session" }).first().click();
  await expect(page).toHaveURL(new RegExp(`ixp_connection=${at.connections[0].id}`));
});

test("a session by hand: its peer's addresses are offered, and what does not fit is warned of", async ({ page, call, signIn, axe }) => {
  await signIn();
  const { networks, ports, exchanges } = await call("peers/available", { at: {} });
  const free = ports.filter((port: any) => port.ipv4 && port.standing.some((cell: any) => cell[0] === "free"));
  const [mine, other] = [networks[free[0].network], networks[free.find((port: any) => port.network !== free[0].network).network]];
  const system = async ({ asn, name, autonomous_system }: any): Promise<number> =>
    autonomous_system ?? (await call("records/save", { edit: { type: "peering.autonomoussystem", fields: { asn, name } } })).record.rows[0][0];
  const peer = await system(mine);

  await test.step("one press takes connection and address over", async () => {
    await page.goto(`/peering/internet-exchange-peering-sessions/new?autonomous_system=${peer}`);
    await expect(page.getByRole("heading", { name: "By PeeringDB it is here" })).toBeVisible();
    await axe();
    await page.getByRole("button", { name: `Take ${free[0].ipv4}`, exact: true }).first().click();
    await expect(page.getByRole("textbox", { name: "IP address" })).toHaveValue(free[0].ipv4);
    const password = page.getByRole("textbox", { name: "Password", exact: true });
    await page.getByRole("button", { name: "Make one up" }).click();
    await expect(password).toHaveValue(/^[a-km-np-z2-9]{20}$/);
    await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
    await expect(heading(page)).toContainText(free[0].ipv4);
  });

  await test.step("somebody else's address is taken only if one insists", async () => {
    const connection = exchanges[free[0].exchange].connections[0].id;
    const [theirs] = ports.filter((port: any) => port.network === networks.indexOf(mine) && port.ipv6 && port.exchange === free[0].exchange);
    const ip = theirs?.ipv6 ?? free[0].ipv4;
    await page.goto(`/peering/internet-exchange-peering-sessions/new?autonomous_system=${await system(other)}&ixp_connection=${connection}&ip_address=${ip}`);
    await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
    await expect(page.getByText(`PeeringDB lists ${ip} for AS${mine.asn} there, not for AS${other.asn}.`).first()).toBeVisible();
    await page.getByRole("button", { name: "Save all the same" }).click();
    await expect(heading(page)).toContainText(ip);
  });

  await test.step("the peer's page tells what runs with it, what is missing, and where both are", async () => {
    await page.goto(`${SYSTEMS}/${peer}`);
    const runs = page.getByRole("table", { name: "Sessions by exchange, and what is missing" });
    await expect(runs).toContainText(free[0].ipv4);
    await expect(page.getByRole("table", { name: "Contacts" })).toContainText("@");
    await expect(page.getByRole("link", { name: "Its record there" })).toBeVisible();
    await axe();
    await page.getByRole("link", { name: "In common" }).click();
    await expect(page.getByRole("table", { name: "Exchanges at which both are" })).toContainText(free[0].ipv4);
    await axe();
  });

  await test.step("who could be met in a building, and what the overview tells", async () => {
    await page.goto("/peering/direct-peering-sessions");
    await page.locator(".head").getByRole("link", { name: "Private interconnection" }).click();
    const candidates = page.getByRole("table", { name: "Candidates for private interconnection" });
    await expect(candidates.getByRole("rowheader").first()).toBeVisible();
    await axe();
    await page.goto("/");
    const table = page.getByRole("table", { name: "Exchanges", exact: true });
    await expect(table.getByRole("rowheader")).toHaveCount(3);
    await axe();
    await page.keyboard.press("g");
    await page.keyboard.press("f");
    await expect(heading(page)).toContainText("of your exchanges");
    await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Available peers" })).toHaveAttribute("aria-current", "page");
  });
});

test("a direct session by hand: the other end of its link is offered, and the side of what runs already", async ({ page, call, signIn, axe }) => {
  await signIn();
  const create = async (type: string, fields: object): Promise<number> =>
    (await call("records/save", { edit: { type, fields } })).record.rows[0][0];
  const peer = await create("peering.autonomoussystem", { asn: 4_200_000_900, name: "Beside us" });
  const own = (await call("records/list", { request: { type: "peering.autonomoussystem", filter: "affiliated:yes" } })).records.rows[0][0];
  const relationship = await create("bgp.relationship", { name: "Private peering", slug: "private-peering", color: "2196f3" });
  await create("peering.directpeeringsession", { autonomous_system: peer, local_autonomous_system: own, relationship, ip_address: "203.0.113.1/31" });
  await page.goto(`/peering/direct-peering-sessions/new?autonomous_system=${peer}`);
  const form = page.getByRole("main");
  await expect(form.getByText("With this peer there runs already")).toBeVisible();
  await form.getByRole("button", { name: "Take its side" }).click();
  await expect(form.getByRole("combobox", { name: "Relationship" })).toHaveValue("Private peering");
  await form.getByRole("textbox", { name: "Local IP address" }).fill("198.51.100.5/30");
  await form.getByRole("button", { name: "Take 198.51.100.6/30" }).click();
  await expect(form.getByRole("textbox", { name: "IP address", exact: true })).toHaveValue("198.51.100.6/30");
  await axe();
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(heading(page)).toContainText("198.51.100.6/30");
});
