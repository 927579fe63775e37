// From an empty database to the first administrator, and what people do with their own account.
import { expect, test } from "./fixtures";

test("the first administrator is made with the printed address, once", async ({ page, peerage, axe }) => {
  const fresh = await peerage.fresh();
  try {
    await page.goto(`${fresh.address}/`);
    await expect(page.getByRole("heading", { name: "Welcome" })).toBeVisible();
    await expect(page.getByLabel("Token")).toBeVisible();
    await page.goto(fresh.said.match(/http:\S+first-run\?token=\S+/)![0]);
    await expect(page.getByLabel("Token")).toBeHidden();
    await axe();
    await page.getByLabel("User name").fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Begin" }).click();
    await expect(page.getByText("take at least 8 characters")).toBeVisible();
    await page.getByLabel("Password", { exact: true }).fill("analytical engine");
    await page.getByRole("button", { name: "Begin" }).click();
    await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
    await expect(page.getByText("0 of 8")).toBeVisible();
    await page.context().clearCookies();
    await page.goto(`${fresh.address}/`);
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  } finally {
    await fresh.stop();
  }
});

test("a password is changed, a token is made and deleted", async ({ page, peerage, signIn, axe }) => {
  await peerage.run(["user", "create", "grace", "--password-stdin"], "nanosecond wire\n");
  await signIn({ name: "grace", password: "nanosecond wire" });
  await page.getByRole("button", { name: "Signed in as grace" }).click();
  await page.getByRole("menuitem", { name: "grace" }).click();
  await expect(page.getByRole("heading", { name: "grace" })).toBeVisible();
  await axe();

  await page.getByLabel("Description").fill("night job");
  await page.getByLabel("Allowed networks").fill("10.0.0.0/40");
  await page.getByRole("button", { name: "Make token" }).click();
  await expect(page.getByText("“10.0.0.0/40” is no prefix")).toBeVisible();
  await page.getByLabel("Allowed networks").fill("127.0.0.0/8");
  await page.getByRole("button", { name: "Make token" }).click();
  const key = (await page.locator("code.key").textContent())!;
  const ask = () => fetch(`${peerage.address}/fn/accounts/me`, {
    method: "POST",
    headers: { authorization: `Token ${key}`, "content-type": "application/json" },
    body: "{}",
  });
  expect((await ask()).status).toBe(200);
  await page.getByRole("button", { name: `Delete the token …${key.slice(-6)}` }).click();
  await expect(page.getByText("You have none yet")).toBeVisible();
  expect((await ask()).status).toBe(401);

  await page.getByLabel("Current password").fill("wrong wrong");
  await page.getByLabel("New password").fill("compiler in cobol");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("This is not your password of now.")).toBeVisible();
  await page.getByLabel("Current password").fill("nanosecond wire");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password is changed").first()).toBeVisible();
});
