// A webhook: added, tried out, told of a change, and told it again after its receiver refused.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { alone, expect } from "./world";

const test = alone();

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const outcome = (page: Page) => page.getByTestId("outcome");

/** Answers with the given statuses, then with 200; keeps the bodies. */
async function receiver(...statuses: number[]) {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => body += piece);
    request.on("end", () => {
      heard.push(body);
      response.writeHead(statuses.shift() ?? 200);
      response.end("thank you");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, heard, close: () => { server.closeAllConnections(); server.close(); } };
}

test("a webhook is tried out, told of a change, and told again what it refused", async ({ page, signIn, call, axe }) => {
  const chat = await receiver(403);
  await signIn();
  const fields = { name: "Chat", content_types: ["peering.autonomoussystem"], type_create: true, payload_url: chat.url,
    body_template: "{{ data.display }} was {{ event }}d by {{ username }}", secret: "nobody but us" };
  const made = await call("records/save", { edit: { type: "extras.webhook", fields } });
  const webhook = `/extras/webhooks/${made.record.rows[0][0]}`;
  await page.goto(webhook);
  await expect(heading(page)).toContainText("Chat");
  await expect(page.getByText("It was told nothing yet.")).toBeVisible();

  await page.getByRole("button", { name: "Send a test" }).click();
  await expect(heading(page)).toContainText("Delivery");
  await expect(outcome(page)).toContainText("Answered 403.");
  await axe();
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(outcome(page)).toContainText("Answered 200.");
  await expect(page.getByText("thank you")).toBeVisible();

  await call("records/save", { edit: { type: "peering.autonomoussystem", fields: { asn: 64500, name: "Example" } } });
  await expect.poll(() => chat.heard.at(-1)).toBe("AS64500 - Example was created by admin");

  await page.goto(webhook);
  await expect(page.getByTestId("deliveries").getByText("Delivered")).toHaveCount(2);
  await expect(page.getByTestId("deliveries").getByText("Failed")).toHaveCount(1);
  await axe();
  await page.getByRole("link", { name: /^Webhook deliveries/ }).first().click();
  await expect(page.getByRole("row").filter({ hasText: "AS64500 - Example" })).toHaveCount(1);
  chat.close();
});
