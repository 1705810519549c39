import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PEOPLE, sessionFile } from "./demo-people.ts";
import { saveSession } from "./sign-in.ts";
import { startWorld } from "./start-world.ts";

/**
 * One server and one sandbox for all browser tests; a test that kills its server starts a world of its own. Everybody
 * signs in once here: the limiter against guessing holds for tests too.
 */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const world = await startWorld();
  const sessions = await mkdtemp(join(tmpdir(), "bookproof-sessions-"));
  for (const person of PEOPLE) await saveSession(world.url, person, sessionFile(person, sessions));
  // Inherited by the worker processes, where playwright.config.ts and the tests read them.
  process.env.E2E_URL = world.url;
  process.env.E2E_SANDBOX_URL = world.sandboxUrl;
  process.env.E2E_ADMIN_KEY = world.adminKey;
  process.env.E2E_SESSIONS = sessions;
  return async () => {
    await world.stop();
    await rm(sessions, { recursive: true, force: true });
  };
}
