import { Gauge, Registry } from "prom-client";
import type { Deps } from "#server/deps.ts";
import type { Metrics } from "./metrics.ts";
import { readGauges } from "./read-gauges.ts";

/** Prometheus text: what this process counted, and how the installation stands now. */
export async function writeMetrics(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { registry }: Metrics,
): Promise<{ contentType: string; text: string }> {
  // Of its own for every scrape: two at once would empty each other's.
  const present = new Registry();
  for (const { name, help, labelNames, values } of await readGauges({ db, now: clock.now() })) {
    const gauge = new Gauge({ name, help, labelNames, registers: [present] });
    for (const { labels, value } of values) gauge.set(labels, value);
  }
  return {
    contentType: registry.contentType,
    text: `${await registry.metrics()}\n${await present.metrics()}`,
  };
}
