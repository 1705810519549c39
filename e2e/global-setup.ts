import { startWorld } from "./start-world.ts";

/** One server and one sandbox for all browser tests; a test that kills its server starts a world of its own. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const world = await startWorld();
  // Inherited by the worker processes, where playwright.config.ts and the tests read them.
  process.env.E2E_URL = world.url;
  process.env.E2E_SANDBOX_URL = world.sandboxUrl;
  return () => world.stop();
}
