// What people may do: an administrator makes a group and a user in the browser; the user sees and may what was granted.
import { expect, test } from "./world";

test("a group's permissions are what its people may do, at once", async ({ page, browser, peerage, signedIn, axe }) => {
  await signedIn();
  await page.goto("/users/groups/new");
  await page.getByRole("textbox", { name: "Name" }).fill("Tag keepers");
  const grant = (name: string) => page.getByRole("checkbox", { name, exact: true });
  await grant("view Tags").check();
  await grant("add Tags").check();
  // what stands for many types shows in the rows that it covers, but not where it does not reach
  await grant("view Everything").check();
  await expect(grant("view Routers")).toBeChecked();
  await expect(grant("view Routers")).toBeDisabled();
  await expect(grant("view Users")).not.toBeChecked();
  await grant("view Everything").uncheck();
  await expect(grant("view Routers")).not.toBeChecked();
  await expect(grant("view Tags")).toBeChecked();
  await axe();
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Tag keepers");

  await page.goto("/users/users/new");
  await page.getByRole("textbox", { name: "User name" }).fill("edsger");
  await page.getByRole("combobox", { name: "Groups" }).fill("Tag keep");
  await page.getByRole("option", { name: "Tag keepers" }).click();
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("edsger");
  await page.getByRole("link", { name: "New password" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("New password for edsger");
  await axe();
  await page.getByRole("button", { name: "Make a new password" }).click();
  const password = (await page.locator("main code").textContent())!;

  const context = await browser.newContext({ baseURL: peerage.address });
  const theirs = await context.newPage();
  await theirs.goto("/");
  await theirs.getByLabel("User name").fill("edsger");
  await theirs.getByLabel("Password", { exact: true }).fill(password);
  await theirs.getByRole("button", { name: "Sign in", exact: true }).click();
  const navigation = theirs.getByRole("navigation", { name: "Main" }).getByRole("link");
  await expect(navigation).toHaveText(["Overview", /^Tags/]);
  await theirs.goto("/devices/routers");
  await expect(theirs.getByText("This is not open to you")).toBeVisible();
  await expect(theirs.getByText("devices.view_router")).toBeVisible();
  await theirs.goto("/extras/tags");
  await theirs.getByRole("link", { name: /^Add tag/ }).first().click();
  await theirs.getByRole("textbox", { name: "Name" }).fill("By edsger");
  await theirs.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("By edsger");
  // may add, but neither change nor delete
  await expect(theirs.getByRole("link", { name: /^Edit/ })).toHaveCount(0);
  await expect(theirs.getByRole("button", { name: "Delete" })).toHaveCount(0);

  // of tags only some, by a filter
  await page.goto("/extras/tags/new");
  await page.getByRole("textbox", { name: "Name" }).fill("Not theirs");
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not theirs");
  const tags = theirs.getByRole("table", { name: "Tags" });
  await theirs.goto("/extras/tags");
  await expect(tags.getByRole("link", { name: "Not theirs" })).toBeVisible();
  await page.goto("/users/groups?f=keepers");
  await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Tag keepers" }).click();
  await page.getByRole("link", { name: /^Edit/ }).click();
  await grant("view Tags").uncheck();
  await page.getByRole("button", { name: "Add a limited permission" }).click();
  await page.getByRole("combobox", { name: "Permission" }).selectOption("extras.view_tag");
  await page.getByRole("textbox", { name: "Filter" }).fill("slog:^by");
  await page.keyboard.press("Tab");
  await expect(page.getByText("The nearest is slug.").first()).toBeVisible();
  await axe();
  await page.getByRole("textbox", { name: "Filter" }).fill("slug:^by");
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Tag keepers");
  await theirs.goto("/extras/tags");
  await expect(tags.getByRole("link", { name: "By edsger" })).toBeVisible();
  await expect(tags.getByRole("link", { name: "Not theirs" })).toHaveCount(0);

  // out of the group, and nothing is open any more
  await page.goto("/users/users?f=edsger");
  await page.getByRole("table", { name: "Users" }).getByRole("link", { name: "edsger" }).click();
  await page.getByRole("link", { name: /^Edit/ }).click();
  await page.getByRole("button", { name: /Tag keepers/ }).click();
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("edsger");
  await theirs.goto("/");
  await expect(theirs.getByRole("heading", { name: "Nothing is open to you yet" })).toBeVisible();
  await context.close();
});

test("somebody stays administrator", async ({ page, signedIn }) => {
  await signedIn();
  await page.goto("/users/users?f=is_superuser:yes");
  await page.getByRole("table", { name: "Users" }).getByRole("link", { name: "admin" }).click();
  await page.getByRole("link", { name: /^Edit/ }).click();
  await page.getByRole("switch", { name: "Administrator" }).uncheck();
  await page.getByRole("button", { name: /^Save( Ctrl S)?$/ }).click();
  await expect(page.getByText("Somebody has to stay an administrator").first()).toBeVisible();
});
