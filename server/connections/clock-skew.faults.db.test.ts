import { expect, test } from "vitest";
import { addMs, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { TEST_NOW } from "#server/testing/factories.ts";
import { checkConnection } from "./check-connection.ts";
import { connectCalendly } from "./connect-calendly.ts";
import { connectHighLevel } from "./connect-highlevel.ts";
import { loadHealth } from "./queries.ts";
import { setUpConnections } from "./testing/set-up-connections.ts";

const setUp = setUpConnections();

async function connect(provider: "calendly" | "highlevel"): Promise<string> {
  const { world, deps } = setUp;
  const workspaceId = world.workspace.id;
  const outcome =
    provider === "calendly"
      ? await connectCalendly(deps, world.actor, { workspaceId, token: world.ownerToken })
      : await connectHighLevel(deps, world.actor, {
          workspaceId,
          token: world.location.token,
          locationId: world.location.location.id,
        });
  if (!outcome.ok) throw new Error(`not connected: ${outcome.error.code}`);
  return outcome.connectionId;
}

test.each([
  ["calendly", 45, "clock_ahead"],
  ["calendly", -45, "clock_behind"],
  ["highlevel", 45, "clock_ahead"],
] as const)(
  "43: a clock that differs from %s's by %i s is measured by the dates of its answers and told until it is set",
  async (provider, seconds, cause) => {
    const connectionId = await connect(provider);
    const ref = { workspaceId: setUp.world.workspace.id, connectionId };
    const incidents = async () => (await loadHealth(setUp.deps, ref)).incidents;
    await checkConnection(setUp.deps, { connectionId });
    expect(await incidents()).toEqual([]);

    setUp.clock.set(addMs(TEST_NOW, seconds * SECOND_MS));
    await checkConnection(setUp.deps, { connectionId });
    await checkConnection(setUp.deps, { connectionId });
    expect(await incidents()).toMatchObject([{ kind: "clock_skew", cause, count: 2 }]);
    const { details } = await setUp.db.incident.findFirstOrThrow({ where: { connectionId } });
    const { skewSeconds } = details as { skewSeconds: number }; // written by the check
    expect(Math.abs(skewSeconds - seconds)).toBeLessThanOrEqual(1);

    setUp.clock.set(addMs(TEST_NOW, 20 * SECOND_MS));
    await checkConnection(setUp.deps, { connectionId });
    expect(await incidents()).toEqual([]);

    // Again another time: a new one, with its own beginning.
    setUp.clock.set(addMs(TEST_NOW, 5 * MINUTE_MS));
    await checkConnection(setUp.deps, { connectionId });
    expect(await incidents()).toMatchObject([{ kind: "clock_skew", count: 1 }]);
  },
);
