import { request } from "@playwright/test";
import { DEMO_PASSWORD, emailOf, type Person } from "./demo-people.ts";

/** Signs in through the door that the console uses, and keeps the session for browsers and calls. */
export async function saveSession(url: string, person: Person, file: string): Promise<void> {
  const context = await request.newContext({ baseURL: url, extraHTTPHeaders: { origin: url } });
  const answer = await context.post("/api/auth/sign-in/email", {
    data: { email: emailOf(person), password: DEMO_PASSWORD },
  });
  if (!answer.ok()) throw new Error(`${person} could not sign in: ${answer.status()}`);
  await context.storageState({ path: file });
  await context.dispose();
}
