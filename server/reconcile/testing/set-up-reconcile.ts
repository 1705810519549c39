import { beforeEach } from "vitest";
import { systemClock } from "#server/lib/clock.ts";
import { createLog } from "#server/lib/log.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { createMemoryRateLimiter } from "#server/providers/memory-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildWorkspace } from "#server/testing/factories.ts";
import type { SweepDeps } from "../sweep-connection.ts";

/**
 * A database, a sandbox that speaks real HTTP, and the dependencies that reconciling takes. Every test begins with an
 * organization and a location at the sandbox and a workspace that is connected to both.
 */
export function setUpReconcile() {
  const database = setUpTestDatabase();
  const sandbox = setUpSandbox();
  const secrets = createSecretBox("test-secret-of-at-least-32-characters");
  let current: Awaited<ReturnType<typeof connect>> | undefined;

  async function connect() {
    const organization = await sandbox.control("/calendly/organizations", {
      name: "Northwind Growth",
      users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
      eventTypes: [
        { name: "Intro call", duration: 30 },
        { name: "Workshop", duration: 60, kind: "group", seats: 20 },
      ],
    });
    const location = await sandbox.control("/highlevel/locations", {
      name: "Northwind Growth",
      timezone: "America/Chicago",
      users: [{ name: "Dana Ruiz", email: "dana@northwind.example" }],
      calendars: [{ name: "Discovery" }],
    });
    const workspace = await buildWorkspace(database.db);
    const calendly = await buildConnection(database.db, {
      workspaceId: workspace.id,
      provider: "calendly",
      organizationId: organization.organization.id,
      ownerId: organization.users[0].id,
      tokenSealed: secrets.seal(organization.users[0].token),
    });
    const highlevel = await buildConnection(database.db, {
      workspaceId: workspace.id,
      provider: "highlevel",
      locationId: location.location.id,
      timezone: "America/Chicago",
      tokenSealed: secrets.seal(location.token),
    });
    return { workspaceId: workspace.id, organization, location, calendly, highlevel };
  }

  beforeEach(async () => {
    await sandbox.control("/reset", { world: "empty" });
    await sandbox.control("/faults", {}, "DELETE");
    current = await connect();
  });

  return {
    database,
    sandbox,
    get db() {
      return database.db;
    },
    get world() {
      if (!current) throw new Error("The world exists only while tests run.");
      return current;
    },
    get deps(): SweepDeps {
      return {
        db: database.db,
        clock: systemClock,
        log: createLog("silent"),
        secrets,
        providers: createProviderClients({
          config: { calendlyApiUrl: `${sandbox.url}/calendly`, highlevelApiUrl: `${sandbox.url}/highlevel` },
          clock: systemClock,
          // Retries inside one call do not wait.
          sleep: async () => {},
          limiter: createMemoryRateLimiter({ clock: systemClock, sleep: systemSleep }),
        }),
      };
    },
  };
}
