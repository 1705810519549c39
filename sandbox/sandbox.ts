import type { CallCounter } from "./calls.ts";
import type { SandboxClock } from "./clock.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Faults } from "./faults.ts";
import type { HighLevelDeliveries } from "./highlevel/deliveries.ts";
import type { Quota } from "./quota.ts";
import type { World } from "./world.ts";

/** A line of the log: a word and numbers, never a name or an address. */
export type SandboxLog = (message: string, facts?: Record<string, string | number | boolean>) => void;

/** What every route is given. `world` is replaced as a whole by a reset, so it is read anew each time. */
export type Sandbox = {
  world: World;
  readonly clock: SandboxClock;
  readonly calls: CallCounter;
  readonly quota: Quota;
  readonly faults: Faults;
  /** Calendly's. */
  readonly deliveries: Deliveries;
  readonly highlevelDeliveries: HighLevelDeliveries;
  readonly log: SandboxLog;
  /** Says that the world has changed and is to be saved. */
  changed(): void;
  /** Resolves once what changed before is on disk, for who is about to kill it. */
  save(): Promise<void>;
};
