// A router from the first contact to sessions that are watched: each of the lab's daemons, spoken to from the browser.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { alone, expect, type Call } from "./world";

const test = alone();
test.describe.configure({ mode: "serial" });

const SESSION = "peering.internetexchangepeeringsession";

/** The lab beside the checkout, if there is one. */
function labScript(): string | undefined {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const script = join(folder, "shared/lab/lab.sh");
    if (existsSync(script)) return script;
  }
}

/** Why there is no lab here; empty: there is one. */
function whyNot(): string {
  if (!labScript()) return "the lab is not here (shared/lab beside the checkout)";
  try {
    execFileSync("unshare", ["--net", "--mount", "true"], { stdio: "ignore" });
    return "";
  } catch {
    return "no network namespaces for this user, so no lab";
  }
}

/** Each database has a lab of its own. */
const id = (database: string) => (database === "sqlite" ? "21" : "22");
const lab = (database: string, ...verb: string[]) =>
  execFileSync(labScript()!, verb, { env: { ...process.env, LAB_ID: id(database) }, maxBuffer: 1 << 24 }).toString();

/** The lab's routers: what runs there, which process answers for it, and a configuration with ten sessions. */
const ROUTERS = [
  { node: "r1", platform: "frr", daemon: "bgpd", example: "r1-frr.conf" },
  { node: "r2", platform: "bird", daemon: "bird", example: "r2-bird-peers.conf" },
  { node: "r3", platform: "openbgpd", daemon: "bgpd", example: "r3-openbgpd-peers.conf" },
];

type Info = { user: string; password: string; nodes: Record<string, { ssh: string }> };

let info: Info;
/** What all three share: our network, the exchange, its five peers. */
let ours = 0;
let exchange = 0;
const peers: number[] = [];

/** A lab's configuration, with another description of one peer. */
const changed = (example: string, word = "v4") =>
  `{% raw %}${readFileSync(join(dirname(labScript()!), "examples", example)).toString().replace("AS64501 v4", `AS64501 ${word}`)}{% endraw %}`;

const creator = (call: Call) => async (type: string, fields: object) =>
  (await call("records/save", { edit: { type, fields, insist: true } })).record.rows[0][0] as number;

async function fill(call: Call) {
  const create = creator(call);
  const system = (asn: number, name: string, affiliated = false) => create("peering.autonomoussystem", { asn, name, affiliated });
  ours = await system(64500, "Ours", true);
  exchange = await create("peering.internetexchange", { name: "Lab IX", slug: "lab-ix", local_autonomous_system: ours });
  for (const asn of [64501, 64502, 64503, 64504, 4200000005]) peers.push(await system(asn, `Peer ${asn}`));
}

/** A router without a login, and its ten sessions. */
async function add(call: Call, { node, platform: slug, example }: (typeof ROUTERS)[number]) {
  const create = creator(call);
  // as every installation has it
  const { records } = await call("records/list", { request: { type: "devices.platform", filter: `slug:=${slug}`, fields: ["slug"] } });
  const platform = records.rows[0][0];
  const template = await create("devices.configuration", { name: `Of ${node}`, template: changed(example) });
  const router = await create("devices.router", {
    name: node, hostname: info.nodes[node].ssh.replace(/:22$/, ""), platform, local_autonomous_system: ours, configuration_template: template,
    poll_bgp_sessions_state: true,
  });
  const host = 10 + Number(node[1]);
  const connection = await create("net.connection", {
    internet_exchange_point: exchange, router, ipv4_address: `198.51.100.${host}/24`, ipv6_address: `2001:db8:100::${host}/64`,
  });
  for (const [at, peer] of peers.entries()) {
    for (const ip_address of [`198.51.100.${101 + at}`, `2001:db8:100::${101 + at}`]) {
      await create(SESSION, { autonomous_system: peer, ixp_connection: connection, ip_address });
    }
  }
  return { router, template };
}

test.beforeAll(async ({ database, call }) => {
  const why = whyNot();
  if (why) console.log(`SKIPPED: ${why}`);
  // a router needs namespaces and daemons, which not every machine gives; the line above says which is lacking
  test.skip(!!why, why);
  lab(database, "down");
  info = JSON.parse(lab(database, "up"));
  await fill(call);
});

test.afterAll(({ database }) => {
  if (!whyNot()) lab(database, "down");
});

for (const one of ROUTERS) test(`${one.platform}: from the first contact to ten sessions that are watched`, async ({ page, signIn, axe, database, call, peerage }) => {
  test.setTimeout(420_000);
  const { router, template } = await add(call, one);
  const edit = (type: string, id: number, fields: object) => call("records/save", { edit: { type, id, fields, insist: true } });
  await signIn();
  const state = page.getByTestId("reachability");
  const beside = page.getByTestId("beside");
  const sheet = page.getByRole("dialog");

  await test.step("without a login it says what is missing", async () => {
    await page.goto(`/devices/routers/${router}?tab=state`);
    await expect(state).toContainText("Never spoken to");
    const hindrance = page.getByTestId("hindrance");
    await expect(hindrance).toContainText("There is no user name to log in with");
    await expect(hindrance.getByRole("link", { name: "Edit the router" })).toBeVisible();
    await axe();
    await edit("devices.router", router, { napalm_username: info.user, napalm_password: info.password });
    await expect(hindrance).toHaveCount(0);
  });

  await test.step("its host key is shown and accepted", async () => {
    await expect(page.getByText("Not seen yet")).toHaveCount(10);
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByTestId("underway")).toContainText("is not known yet", { timeout: 30_000 });
    await expect(state).toContainText("Host key not accepted");
    await expect(page.getByTestId("offered-key")).toContainText("SHA256:");
    await axe();
    await page.getByRole("button", { name: "Accept this host key" }).click();
    await expect(page.getByTestId("host-keys")).toContainText("SHA256:");
    await expect(page.getByTestId("offered-key")).toHaveCount(0);
  });

  await test.step("what is on it is compared with the intent", async () => {
    await page.getByRole("button", { name: "Poll now" }).click();
    await expect(state).toContainText("Reachable");
    await expect(beside).toHaveText("10 missing");
    await page.goto(`/peering/internet-exchange-peering-sessions?f=ixp_connection.router:${router}`);
    await expect(page.getByText("Not on the router").first()).toBeVisible();
    await page.goto("/");
    await expect(page.getByTestId("down-now").getByRole("row")).toHaveCount(8);
    await expect(page.getByRole("heading", { name: /Down now/ })).toContainText("10 not established");
    await axe();
  });

  await test.step("what would change is seen, and pushed with a reason", async () => {
    await page.goto(`/devices/routers/${router}?tab=state`);
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await expect(sheet.getByRole("heading", { name: `Check ${one.node}` })).toBeVisible();
    await expect(sheet.getByRole("region", { name: "Difference" })).toContainText("neighbor 198.51.100.105");
    await expect(sheet.getByTestId("outcome")).toContainText("Checked");
    await axe();
    await sheet.getByRole("textbox", { name: "Reason" }).fill("The first ten sessions");
    await sheet.getByRole("spinbutton", { name: "Taken back after" }).fill("3");
    await sheet.getByRole("checkbox", { name: /Wait for somebody/ }).check();
    await axe();
    await sheet.getByRole("button", { name: "Push this" }).click();
    await expect(sheet.getByRole("heading", { name: `Push to ${one.node}` })).toBeVisible();
    // the timer runs while the sessions are watched
    await expect(sheet.getByTestId("countdown")).toContainText(/[0-2]:\d\d/);
    await expect(sheet.getByTestId("goal")).toContainText("It must answer over a new connection");
    await expect(sheet.getByTestId("steps")).toContainText("nobody has said yet");
    await axe();
    await sheet.getByRole("button", { name: "Confirm and keep" }).click();
    await expect(sheet.getByTestId("outcome")).toContainText("Pushed and confirmed", { timeout: 90_000 });
    await expect(sheet.getByTestId("steps").getByRole("listitem")).toHaveCount(10);
    await expect(sheet.getByTestId("countdown")).toHaveCount(0);
    await page.keyboard.press("Escape");
  });

  await test.step("the sessions come up, and are as intended", async () => {
    await expect(async () => {
      await page.getByRole("button", { name: "Poll now" }).click();
      await expect(beside).toHaveText("10 as intended", { timeout: 3_000 });
      await expect(page.getByRole("table").getByText("Established")).toHaveCount(10, { timeout: 3_000 });
    }).toPass({ timeout: 90_000 });
    await page.getByRole("link", { name: "198.51.100.101", exact: true }).click();
    await expect(page.getByTestId("session-state")).toContainText("Established");
    await expect(page.getByTestId("availability")).toContainText(/of [12] hour/);
    await expect(page.getByRole("img", { name: /^Prefixes hour by hour/ })).toBeVisible();
    await axe();
  });

  await test.step("the push is kept, with who and why", async () => {
    await page.goto(`/devices/pushes?f=router:${router}`);
    await expect(page.getByText("The first ten sessions")).toBeVisible();
    await page.getByRole("row", { name: /The first ten sessions/ }).getByRole("link").first().click();
    await expect(page.getByTestId("steps").getByRole("listitem")).toHaveCount(10);
    await expect(page.getByRole("region", { name: "Difference" })).toContainText("neighbor 198.51.100.105");
    await axe();
  });

  await test.step("a check that hangs is cancelled", async () => {
    await page.goto(`/devices/routers/${router}?tab=state`);
    await expect(page.getByRole("table").getByText("Established")).toHaveCount(10);
    lab(database, "exec", one.node, "pkill", "-STOP", one.daemon);
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await sheet.getByRole("button", { name: "Cancel the check" }).click();
    await expect(sheet.getByTestId("outcome")).toContainText("Cancelled");
    lab(database, "exec", one.node, "pkill", "-CONT", one.daemon);
    await page.keyboard.press("Escape");
  });

  await test.step("its text is the version that is kept, and the Configuration tab compares with it", async () => {
    const version = page.getByRole("complementary", { name: "Where it comes from" });
    await page.goto(`/devices/routers/${router}?tab=configuration`);
    await expect(version).toContainText("The text here is the same");
    await edit("devices.configuration", template, { template: changed(one.example, "once more") });
    await expect(version).toContainText("The text here differs: +1 −1 lines");
    await expect(page.getByTestId("changed-lines")).toHaveText("1 line changed");
    await page.getByRole("button", { name: "Compare with the last kept version" }).click();
    await expect(page.getByRole("region", { name: "Difference to the last kept version" })).toContainText("AS64501 once more");
    await axe();
    await version.getByRole("link", { name: /^push #/ }).click();
    await expect(page.getByTestId("outcome")).toContainText("Pushed and confirmed");
  });

  await test.step("one that waits is taken back when somebody says so", async () => {
    await page.goto(`/devices/routers/${router}?tab=state`);
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await expect(sheet.getByTestId("summary")).toContainText("+1");
    await sheet.getByRole("textbox", { name: "Reason" }).fill("Nobody wants it");
    await sheet.getByRole("checkbox", { name: /Wait for somebody/ }).check();
    await sheet.getByRole("button", { name: "Push this" }).click();
    await expect(sheet.getByTestId("goal")).toContainText("the 10 sessions that were established", { timeout: 30_000 });
    await sheet.getByRole("button", { name: "Roll back now" }).click();
    await expect(sheet.getByTestId("outcome")).toContainText("Taken back: it was cancelled", { timeout: 60_000 });
    await page.keyboard.press("Escape");
  });

  await test.step("a server that is killed in the middle says so, and takes it back", async () => {
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await expect(sheet.getByTestId("outcome")).toContainText("Checked");
    await sheet.getByRole("textbox", { name: "Reason" }).fill("The server dies");
    await sheet.getByRole("button", { name: "Push this" }).click();
    await expect(sheet.getByTestId("countdown")).toBeVisible();
    await expect(sheet.getByTestId("goal")).toBeVisible({ timeout: 30_000 });
    await peerage.crash();
    await page.goto(`/devices/pushes?f=router:${router}`);
    await page.getByRole("row", { name: /The server dies/ }).getByRole("link").first().click();
    await expect(page.getByTestId("outcome")).toContainText("Peerage was cut off in the middle of it", { timeout: 120_000 });
    await expect(page.getByTestId("outcome")).toContainText("Taken back");
    await axe();
  });

  await test.step("what goes down is on the first page", async () => {
    lab(database, "break", "p3");
    await page.goto(`/devices/routers/${router}?tab=state`);
    await expect(async () => {
      await page.getByRole("button", { name: "Poll now" }).click();
      await expect(page.getByRole("table").getByText("Established")).toHaveCount(8, { timeout: 3_000 });
    }).toPass({ timeout: 90_000 });
    await page.goto("/");
    await expect(page.getByTestId("down-now").getByRole("row")).toHaveCount(2);
    lab(database, "heal", "p3");
    await expect(async () => {
      await call("devices/poll", { router });
      await expect(page.getByTestId("down-now")).toHaveCount(0, { timeout: 3_000 });
    }).toPass({ timeout: 120_000 });
  });
});
