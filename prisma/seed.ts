import { loadPeople } from "./seed/sandbox-people.ts";
import { seedBackfill } from "./seed/seed-backfill.ts";
import { seedConnections } from "./seed/seed-connections.ts";
import type { SeedContext, SeedInput } from "./seed/seed-context.ts";
import { seedDecisions, seedWork } from "./seed/seed-decisions.ts";
import { postClaims, postFirstLeads, postLaterWords, postOneClaim } from "./seed/seed-leads.ts";
import { seedPeopleAndWorkspaces } from "./seed/seed-workspaces.ts";

/**
 * Fills the three demo workspaces from the sandbox's people: leads and their claims through the API, evidence through
 * real sweeps, work and decisions through the functions that the screens call. May be run again after it was cut short.
 */
export async function seedDemo(input: SeedInput): Promise<void> {
  const places = await seedPeopleAndWorkspaces(input.deps);
  const context: SeedContext = { ...input, places, people: await loadPeople(input.sandboxUrl) };
  await postFirstLeads(context);
  await seedConnections(context);
  await postLaterWords(context);
  await seedBackfill(context);
  await seedWork(context);
  await seedDecisions(context);
  await postClaims(context);
}

/** Conversations go on: every so often somebody says that a meeting is booked, which nobody has checked yet. */
export async function trickleClaims(input: SeedInput, everyMs: number): Promise<{ stop(): void }> {
  const places = await seedPeopleAndWorkspaces(input.deps);
  const context: SeedContext = { ...input, places, people: await loadPeople(input.sandboxUrl) };
  let turn = Math.floor(input.deps.clock.now().getTime() / everyMs);
  const timer = setInterval(() => {
    turn += 1;
    // One that does not arrive is not missed: the next one comes.
    postOneClaim(context, turn).catch(() => undefined);
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
