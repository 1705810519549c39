import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { Db } from "#server/db/client.ts";
import type { ProviderCall } from "#server/providers/http-client.ts";
import { decideCallOutcome } from "./decide-call-outcome.ts";
import { saveCallTotals } from "./save-call-totals.ts";

/** What this process counts by itself. */
export type Metrics = {
  registry: Registry;
  countCall(call: ProviderCall): void;
  /** Adds what was counted since the last time to the totals that all processes share. What failed is tried again. */
  saveCalls(db: Db): Promise<void>;
};

export type CallCount = Pick<ProviderCall, "provider" | "endpoint"> & {
  outcome: ReturnType<typeof decideCallOutcome>;
  calls: number;
  ms: number;
};

/** `withProcess` adds memory, event loop and garbage collection, which only a whole process has. */
export function createMetrics({ withProcess = false } = {}): Metrics {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: "bookproof_provider_call_seconds",
    help: "How long providers took to answer this process.",
    labelNames: ["provider"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  let unsaved = new Map<string, CallCount>();
  const add = ({ calls, ms, ...labels }: CallCount) => {
    const key = Object.values(labels).join(" ");
    const sum = unsaved.get(key);
    unsaved.set(key, { ...labels, calls: calls + (sum?.calls ?? 0), ms: ms + (sum?.ms ?? 0) });
  };
  return {
    registry,
    countCall({ provider, endpoint, status, ms }) {
      add({ provider, endpoint, outcome: decideCallOutcome(status), calls: 1, ms });
      seconds.observe({ provider }, ms / 1_000);
    },
    async saveCalls(db) {
      const saving = [...unsaved.values()];
      unsaved = new Map();
      try {
        await saveCallTotals(db, saving);
      } catch (error) {
        for (const count of saving) add(count);
        throw error;
      }
    },
  };
}
