import type { Deps } from "#server/deps.ts";
import type { SandboxPerson } from "./sandbox-people.ts";
import type { Place } from "./seed-workspaces.ts";

export type SeedInput = {
  /** Where the running server is reached; leads come in through its integration API, as a customer's do. */
  url: string;
  sandboxUrl: string;
  adminApiKey: string;
  deps: Deps;
};

export type SeedContext = SeedInput & { places: Place[]; people: SandboxPerson[] };
