import { randomUUID } from "node:crypto";
import type { openSandbox } from "./sandbox.ts";

/** A Calendly organization of one test alone, with the token of its owner. */
export async function addCalendlyAccount({ control }: ReturnType<typeof openSandbox>) {
  const name = `Acme ${randomUUID().slice(0, 8)}`;
  const made = await control<{ users: { token: string }[] }>("POST", "/calendly/organizations", {
    name,
    plan: "teams",
    users: [{ name: "Dana Ruiz", email: `dana@${name.toLowerCase().replace(" ", "-")}.example` }],
    eventTypes: [
      { name: "Intro call", duration: 30 },
      { name: "Deep dive", duration: 60 },
    ],
  });
  return { organization: name, eventType: "Intro call", token: made.users[0]?.token ?? "" };
}

/** The webhooks that the sandbox's Calendly would deliver to for one workspace. */
export async function listWebhooksOf(
  { control }: ReturnType<typeof openSandbox>,
  workspaceId: string,
): Promise<unknown[]> {
  const { webhooks } = await control<{ webhooks: { callbackUrl: string }[] }>("GET", "/calendly/webhooks");
  return webhooks.filter(({ callbackUrl }) => callbackUrl.includes(workspaceId));
}
