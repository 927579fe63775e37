// A script stored in the texts that people write is shown as text, wherever it is shown.
import { expect, test } from "./world";

const TEXT = `<img src=x onerror="attacked=1"> <script>attacked=1</script> [x](javascript:attacked=1)`;

test("a stored script stays text", async ({ page, world, signIn }) => {
  test.setTimeout(300_000);
  await signIn();
  const { call } = world;
  const made: { type: string; id: number; path: string }[] = [];
  const make = async (type: string, path: string, fields: object) => {
    const { record } = await call("records/save", { edit: { type, fields, insist: true } });
    made.push({ type, path, id: record.rows[0][0] });
    return made.at(-1)!.id;
  };
  const texts = { name: TEXT, description: TEXT };
  try {
    await make("extras.tag", "/extras/tags", { name: "<script>attacked=1</script>", slug: "attack" });
    const peer = await make("peering.autonomoussystem", "/peering/autonomous-systems", { ...texts, asn: 64999, comments: TEXT });
    await make("devices.platform", "/devices/platforms", { ...texts, slug: "attack" });
    await make("devices.router", "/devices/routers",
      { ...texts, hostname: "attack.example.net", local_autonomous_system: world.asn, comments: TEXT });
    const exchange = await make("peering.internetexchange", "/peering/internet-exchanges",
      { ...texts, slug: "attack", local_autonomous_system: world.asn });
    const connection = await make("net.connection", "/net/connections",
      { internet_exchange_point: exchange, ipv4_address: "203.0.113.1/24", description: TEXT, comments: TEXT });
    await make("peering.internetexchangepeeringsession", "/peering/internet-exchange-peering-sessions",
      { autonomous_system: peer, ixp_connection: connection, ip_address: "203.0.113.2", description: TEXT, comments: TEXT });

    for (const { path, id } of made) {
      for (const where of [path, `${path}/${id}`, `${path}/${id}/edit`, `${path}/${id}?tab=changes`, `${path}/${id}?tab=json`]) {
        await page.goto(where);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        // so that what follows is not true of an empty page
        const told = page.getByRole("main");
        if (where.endsWith("/edit")) await expect(told.locator("form")).toBeVisible();
        else if (where.endsWith("changes")) await expect(told.getByRole("table").first()).toBeVisible();
        else await expect(told.getByText("attacked=1").first()).toBeVisible();
        expect(await page.evaluate(() => (window as { attacked?: number }).attacked), `${where} ran it`).toBeUndefined();
        await expect(page.locator(`img[src="x"], a[href^="javascript"]`), where).toHaveCount(0);
      }
    }
    await page.keyboard.press("Control+k");
    await page.keyboard.type("attacked");
    await expect(page.getByRole("option").filter({ hasText: "attacked=1" }).first()).toBeVisible();
    expect(await page.evaluate(() => (window as { attacked?: number }).attacked)).toBeUndefined();
  } finally {
    for (const { type, id } of made.reverse()) await call("records/delete", { object: { type, id } }).catch(() => undefined);
  }
});
