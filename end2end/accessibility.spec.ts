// Every kind of page and everything that opens over one, in both themes, for axe with every rule on; and the same pages on
// a phone, where nothing may be wider than the screen but a table inside its own scroller.
import type { Page } from "@playwright/test";
import { expect, test, type World } from "./world";

// nothing is written here, so both workers take from these
test.describe.configure({ mode: "parallel" });

interface Place {
  name: string;
  path: (world: World) => string;
  /** Brings the page into the state that is looked at, and waits until it is there. */
  ready: (page: Page, world: World) => Promise<void>;
  /** Not looked at on a phone: it is not there, or lies over a page that is looked at already. */
  wide?: boolean;
}

const SESSIONS = "/peering/internet-exchange-peering-sessions";
const exchange = (world: World) => `/peering/internet-exchanges/${world.exchange}`;
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first();
const rows = (page: Page, table: string) => expect(page.getByRole("table", { name: table }).locator("tbody tr").first()).toBeVisible();
const says = (page: Page, words: string | RegExp) => expect(page.getByRole("main").getByText(words).first()).toBeVisible();

const PLACES: Place[] = [
  { name: "overview", path: () => "/", ready: async (page) => { await says(page, "7 of 8"); await rows(page, "Newest changes"); } },
  { name: "list", path: () => "/peering/autonomous-systems", ready: (page) => rows(page, "Autonomous systems") },
  { name: "list with ticked rows", wide: true, path: () => SESSIONS, ready: async (page) => {
    await rows(page, "IX sessions");
    await page.getByRole("checkbox", { name: /^Select / }).nth(1).check();
    await expect(page.getByRole("toolbar", { name: "Selection" })).toBeVisible();
  } },
  { name: "list with filters, one of which is wrong", path: () => `${SESSIONS}?f=status:enabled+nonsense:1+ip_address:192.0.2.0/24`,
    ready: async (page) => { await rows(page, "IX sessions"); await says(page, /nonsense/); } },
  { name: "list without a match", path: () => "/devices/routers?f=nobody", ready: (page) => says(page, "No routers match") },
  { name: "import of a file", path: () => "/extras/tags/import-file", ready: (page) => says(page, "Drop a file here") },
  { name: "import of a file that is tried", path: () => "/extras/tags/import-file", ready: async (page) => {
    await page.getByRole("textbox", { name: "Or paste its text" }).fill("name,slug,nonsense\nCore,core,1\nBad,b d,2\n");
    await button(page, "Take the text").click();
    await rows(page, "What would become of the rows");
  } },
  { name: "empty list", path: () => "/peeringdb/rejected", ready: (page) => says(page, "No rejected rows yet") },
  { name: "list of a cached type", path: () => "/peeringdb/networks?per=8", ready: (page) => rows(page, "Networks") },
  { name: "object", path: exchange, ready: (page) => says(page, "Newest changes") },
  { name: "object's related list", path: (world) => `${exchange(world)}?tab=connections.internet_exchange_point`, ready: (page) => rows(page, "Connections") },
  { name: "object's changes", path: (world) => `${exchange(world)}?tab=changes`, ready: (page) => expect(page.locator("ins").first()).toBeVisible() },
  { name: "object as JSON", path: (world) => `${exchange(world)}?tab=json`, ready: (page) => says(page, "\"slug\"") },
  { name: "jobs", path: () => "/core/jobs", ready: (page) => rows(page, "Jobs") },
  // the command line has filled the cache
  { name: "job", path: () => "/core/jobs/1", ready: (page) => says(page, "poc: ") },
  { name: "session", path: (world) => `${SESSIONS}/${world.sessions[0]}`, ready: (page) => says(page, "Newest changes") },
  { name: "form", path: () => `${SESSIONS}/new`, ready: async (page) => expect(page.getByRole("combobox", { name: "Connection" })).toBeVisible() },
  { name: "form with problems", path: () => "/peering/autonomous-systems/new", ready: async (page) => {
    await page.getByRole("textbox", { name: "ASN" }).fill("nothing");
    await button(page, /^Save( Ctrl S)?$/).click();
    await says(page, /problems?$/);
  } },
  { name: "form that fills itself", path: () => "/peering/autonomous-systems/new", ready: async (page) => {
    await page.getByRole("textbox", { name: "ASN" }).fill("1001787");
    await expect(button(page, "Fill in")).toBeVisible();
  } },
  { name: "form of an object that is there", path: (world) => `/devices/routers/${world.router}/edit`,
    ready: async (page) => expect(page.getByRole("textbox", { name: "Hostname" })).toBeVisible() },
  { name: "available peers", path: (world) => `${exchange(world)}/available-peers?q=cloud`, ready: async (page) => {
    await rows(page, "Available peers");
    await page.getByRole("checkbox", { name: /^Select everything free with / }).first().check();
    await says(page, /\d ticked$/);
  } },
  { name: "available peers at all exchanges", path: () => "/peering/internet-exchanges/available-peers?cols=asn,name,type,rs,common,sessions,contact,score", ready: (page) => rows(page, "Available peers") },
  { name: "hiding a peer", wide: true, path: (world) => `${exchange(world)}/available-peers`, ready: async (page) => {
    await page.getByRole("table", { name: "Available peers" }).getByRole("rowheader").nth(1).click();
    await page.getByRole("button", { name: "Hide", exact: true }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
  } },
  { name: "available peers, all left out", path: (world) => `${exchange(world)}/available-peers?q=nobody`, ready: (page) => says(page, "No peer fits") },
  { name: "proposed sessions", path: (world) => `${exchange(world)}/available-peers`, ready: async (page) => {
    await page.getByRole("checkbox", { name: /^Select everything free with / }).nth(1).check();
    await button(page, /^Add \d/).click();
    await page.getByLabel("TTL for all").fill("900");
    await page.getByLabel("TTL for all").blur();
    await button(page, /^Create /).click();
    await says(page, /^TTL: /);
  } },
  { name: "new template", path: () => "/devices/configurations/new", ready: (page) => says(page, "Begin with a starter") },
  { name: "template studio with a fault", path: (world) => `/devices/configurations/${world.template}/studio`, ready: async (page) => {
    await expect(page.getByTestId("result")).toContainText("hostname");
    await page.getByTestId("template-editor").getByRole("textbox").click();
    await page.keyboard.press("ControlOrMeta+Home");
    await page.keyboard.type("{% if %}");
    await says(page, "1 problem");
  } },
  { name: "template studio, compared", path: (world) => `/devices/configurations/${world.template}/studio`, ready: async (page) => {
    await expect(page.getByTestId("result")).toContainText("hostname");
    await page.getByTestId("template-editor").getByRole("textbox").click();
    await page.keyboard.press("ControlOrMeta+Home");
    await page.keyboard.type("! new\n");
    await says(page, /lines? changed/);
    await button(page, "Compare with the saved template").click();
    await expect(page.getByRole("region", { name: "Difference", exact: true })).toBeVisible();
  } },
  { name: "router's configuration", path: (world) => `/devices/routers/${world.router}?tab=configuration`, ready: (page) => says(page, "identical on the server") },
  { name: "router without a template", path: (world) => `/devices/routers/${world.spare}?tab=configuration`, ready: (page) => says(page, "has no configuration template") },
  { name: "PeeringDB", path: () => "/peeringdb", ready: async (page) => { await says(page, "Last run"); await rows(page, "Types of PeeringDB in the cache"); } },
  { name: "changes", path: () => "/core/changes?per=8", ready: (page) => rows(page, "Changes") },
  { name: "change", path: () => "/core/changes", ready: async (page) => {
    await page.getByRole("table", { name: "Changes" }).getByRole("rowheader").first().getByRole("link").click();
    await expect(page.locator("ins").first()).toBeVisible();
  } },
  { name: "getting started", path: () => "/getting-started", ready: (page) => says(page, "7 of 8 steps done") },
  { name: "group", path: (world) => `/users/groups/${world.group}`, ready: (page) => says(page, "Permissions") },
  { name: "group's form", path: (world) => `/users/groups/${world.group}/edit`, ready: (page) => expect(page.getByRole("checkbox", { name: "view Everything" })).toBeVisible() },
  { name: "own account", path: () => "/account", ready: (page) => says(page, "API tokens") },
  { name: "no such page", path: () => "/nowhere", ready: async (page) => expect(page.getByRole("heading", { level: 1 })).toBeVisible() },
  { name: "no such object", path: () => "/devices/routers/999999", ready: (page) => says(page, "There is nothing here") },
  // over a page
  { name: "colours and density", wide: true, path: () => "/", ready: async (page) => {
    await button(page, "Colours and density").click();
    await expect(page.getByRole("menuitemradio", { name: "As the system" })).toBeFocused();
  } },
  { name: "the person's menu", wide: true, path: () => "/", ready: async (page) => {
    await button(page, "Signed in as admin").click();
    await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeVisible();
  } },
  { name: "export menu", wide: true, path: () => SESSIONS, ready: async (page) => {
    await rows(page, "IX sessions");
    await button(page, "Export").click();
    await expect(page.getByRole("menuitem").first()).toBeVisible();
  } },
  { name: "columns", wide: true, path: () => SESSIONS, ready: async (page) => {
    await button(page, "Columns").click();
    await expect(page.getByRole("dialog", { name: "Columns" }).getByRole("checkbox").first()).toBeVisible();
  } },
  { name: "offered filters", wide: true, path: () => SESSIONS, ready: async (page) => {
    await page.getByRole("combobox", { name: "Filter IX sessions" }).pressSequentially("stat");
    await expect(page.getByRole("option").first()).toBeVisible();
  } },
  { name: "offered objects", wide: true, path: () => `${SESSIONS}/new`, ready: async (page) => {
    await page.getByRole("combobox", { name: "Autonomous system" }).click();
    await expect(page.getByRole("option").first()).toBeVisible();
  } },
  { name: "filters of the peers", wide: true, path: (world) => `${exchange(world)}/available-peers?q=cloud`, ready: async (page) => {
    await button(page, "Filters").click();
    await expect(page.getByRole("menuitemradio").first()).toBeVisible();
  } },
  { name: "many objects edited", wide: true, path: () => SESSIONS, ready: async (page) => {
    await rows(page, "IX sessions");
    await page.locator("tbody").getByRole("checkbox").first().click();
    await button(page, /^Edit/).click();
    await page.getByLabel("A field to change").selectOption("Status");
    await page.getByLabel("Status", { exact: true }).selectOption("maintenance");
    await expect(page.getByRole("dialog").getByText("1 would change")).toBeVisible();
  } },
  { name: "view being saved", wide: true, path: () => `${SESSIONS}?f=status:enabled`, ready: async (page) => {
    await button(page, "Save view").click();
    await expect(page.getByRole("dialog", { name: "Save this view" })).toBeVisible();
  } },
  { name: "deletion", wide: true, path: exchange, ready: async (page) => {
    await button(page, "Delete").click();
    await expect(page.getByRole("dialog").getByText("These go as well")).toBeVisible();
  } },
  { name: "leaving a form", wide: true, path: () => "/extras/tags/new", ready: async (page) => {
    await page.getByRole("textbox", { name: "Name" }).fill("x");
    await button(page, "Cancel").click();
    await expect(page.getByRole("dialog", { name: "Leave without saving?" })).toBeVisible();
  } },
  { name: "fields of a template", wide: true, path: (world) => `/devices/configurations/${world.template}/studio`, ready: async (page) => {
    await button(page, "More fields").click();
    await expect(page.getByRole("dialog", { name: "More fields" })).toBeVisible();
  } },
  { name: "search", wide: true, path: () => "/", ready: async (page) => {
    await button(page, /^Search or jump/).click();
    await page.getByRole("combobox", { name: "Search or jump to" }).fill("halyard");
    await expect(page.getByRole("option", { name: /Halyard/ }).first()).toBeVisible();
  } },
  { name: "keys", wide: true, path: () => SESSIONS, ready: async (page) => {
    await rows(page, "IX sessions");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  } },
];

async function go(page: Page, place: Place, world: World) {
  await page.goto(place.path(world));
  await place.ready(page, world);
  await expect(page.locator(".skel")).toHaveCount(0);
}

test.describe("axe", () => {
  test("login", async ({ page, axe }) => {
    await page.goto("/login");
    await button(page, "Sign in").click();
    await expect(page.getByRole("alert").filter({ hasText: "Type your user name" })).toBeVisible();
    await test.step("light", () => axe());
    await page.emulateMedia({ colorScheme: "dark" });
    await test.step("dark", () => axe());
  });

  for (const place of PLACES) {
    test(place.name, async ({ page, axe, world, signedIn }) => {
      await signedIn();
      await go(page, place, world);
      await test.step("light", () => axe());
      // the same elements in other colours
      await page.emulateMedia({ colorScheme: "dark" });
      await expect(page.locator("html")).toHaveCSS("color-scheme", /dark/);
      await test.step("dark", () => axe("color-contrast", "link-in-text-block"));
    });
  }
});

/** What sticks out of the screen at the right, but for what a scroller of its own holds or an ellipsis cuts. */
const sticksOut = () => {
  const width = document.documentElement.clientWidth;
  const name = (element: Element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} ${element.textContent?.trim().slice(0, 30)}`;
  const isHeld = (element: Element): boolean => {
    for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
      const style = getComputedStyle(around);
      if (["auto", "scroll"].includes(style.overflowX) && around.getBoundingClientRect().right <= width + 1) return true;
      if (style.textOverflow === "ellipsis" && style.overflowX !== "visible" && around.getBoundingClientRect().right <= width + 1) return true;
    }
    return false;
  };
  const out = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || box.width <= 1 || box.height <= 1) return false;
    return (box.right > width + 1 || box.left < -1) && !element.closest(".sr, .skip, svg") && !isHeld(element);
  });
  return { page: document.documentElement.scrollWidth - width, out: out.map(name).slice(0, 8) };
};

test.describe("375 pixels", () => {
  test.use({ viewport: { width: 375, height: 720 } });

  for (const place of PLACES.filter((place) => !place.wide)) {
    test(place.name, async ({ page, world, signedIn }) => {
      await signedIn();
      await go(page, place, world);
      await expect.poll(() => page.evaluate(sticksOut)).toEqual({ page: 0, out: [] });
    });
  }

  test("login", async ({ page, axe }) => {
    await page.goto("/login");
    await expect(button(page, "Sign in")).toBeVisible();
    expect(await page.evaluate(sticksOut)).toEqual({ page: 0, out: [] });
    await axe();
  });

  test("the navigation comes over the page, and goes", async ({ page, axe, world, signedIn }) => {
    await signedIn();
    await page.goto(exchange(world));
    const routers = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Routers" });
    await expect(routers).not.toBeInViewport();
    await button(page, "Menu").click();
    await expect(routers).toBeInViewport();
    await axe();
    await routers.click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Routers");
    await expect(routers).not.toBeInViewport();
    await axe();
  });
});
