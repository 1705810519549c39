import { askProcedure } from "./ask-procedure.ts";
import { addCalendlyAccount } from "./calendly-account.ts";
import { emailOf } from "./demo-people.ts";
import { type Booking, freeStart, openSandbox } from "./sandbox.ts";
import { openServerApi } from "./server-api.ts";

export type BookedLead = { id: string; name: string; email: string; booking: Booking };

/**
 * A workspace of one test alone, with a Calendly account of its own and a webhook: what the sandbox does there arrives
 * by the road that real bookings take. Everybody of the demo has their usual role in it.
 */
export async function addConnectedWorkspace(
  name: string,
  { leads = [] }: { leads?: Record<string, unknown>[] } = {},
) {
  const sandbox = openSandbox();
  const api = openServerApi();
  const account = await addCalendlyAccount(sandbox);
  const { id, slug } = await api.addWorkspace({
    name,
    userEmail: emailOf("owner"),
    setterEmails: [emailOf("setter"), emailOf("ana")],
    inboxManagerEmails: [emailOf("inbox")],
  });
  // Before the account: the first sweep then finds their claims and checks them.
  if (leads.length > 0) await api.call(slug, "POST", "leads", { leads });
  const { connectionId } = await ask<{ connectionId: string }>("connections.connectCalendly", {
    workspace: slug,
    token: account.token,
  });
  await ask("connections.createWebhook", { workspace: slug, connectionId, takeOver: false });

  async function book(
    { name, email }: { name: string; email: string },
    start = freeStart(),
  ): Promise<Booking> {
    return sandbox.book(account, { name, email }, start);
  }

  return {
    id,
    slug,
    account,
    book,
    /** A lead with a meeting of which the server knows. */
    async addBookedLead(name: string, start?: string): Promise<BookedLead> {
      const email = `${name.toLowerCase().replaceAll(" ", ".")}@${slug}.example`;
      const [firstName, lastName] = name.split(" ");
      const { id } = await api.addLead(slug, {
        email,
        firstName,
        lastName,
        company: "Brightpath",
        phone: "+13125550142",
        timezone: "America/Chicago",
      });
      const booking = await book({ name, email }, start);
      await waitFor(async () => (await api.getLead(slug, id)).booked);
      return { id, name, email, booking };
    },
  };
}

async function ask<T>(path: string, input: Record<string, unknown>): Promise<T> {
  const { code, data } = await askProcedure("owner", path, input);
  if (code !== "OK") throw new Error(`${path}: ${JSON.stringify(data)}`);
  // The caller names the shape that the procedure promises.
  return data as T;
}

const PATIENCE_MS = 60_000;

/** Asks until it is so; the last question fails loudly. */
export async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
