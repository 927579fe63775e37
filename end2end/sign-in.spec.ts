// The first thing anyone sees.
import { expect, test } from "./fixtures";

test("someone not signed in is asked to sign in", async ({ page, axe }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByLabel("User name")).toBeFocused();
  await axe();
});

test("the right password opens the door, a wrong one says so", async ({ page, signIn }) => {
  await page.goto("/");
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("not this");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
  await signIn();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
});
