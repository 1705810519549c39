import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { ProviderCall } from "#server/providers/http-client.ts";
import { decideCallOutcome } from "./decide-call-outcome.ts";

/** What this process counts by itself, from its start. */
export type Metrics = {
  registry: Registry;
  countCall(call: ProviderCall): void;
};

/** `withProcess` adds memory, event loop and garbage collection, which only a whole process has. */
export function createMetrics({ withProcess = false } = {}): Metrics {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const calls = new Counter({
    name: "bookproof_provider_calls_total",
    help: "Calls to providers. Endpoints carry placeholders, never ids.",
    labelNames: ["provider", "endpoint", "outcome"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "bookproof_provider_call_seconds",
    help: "How long providers took to answer.",
    labelNames: ["provider"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    registry,
    countCall({ provider, endpoint, status, ms }) {
      calls.inc({ provider, endpoint, outcome: decideCallOutcome(status) });
      seconds.observe({ provider }, ms / 1_000);
    },
  };
}
