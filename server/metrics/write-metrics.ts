import { Counter, Gauge, Registry } from "prom-client";
import type { Deps } from "#server/deps.ts";
import type { Metrics } from "./metrics.ts";
import { readGauges } from "./read-gauges.ts";
import { readTotals } from "./read-totals.ts";

/**
 * Prometheus text: how the installation stands and what it has counted, the same from every process, and what this
 * process measured.
 */
export async function writeMetrics(
  { db, clock }: Pick<Deps, "db" | "clock">,
  metrics: Metrics,
): Promise<{ contentType: string; text: string }> {
  await metrics.saveCalls(db);
  // Of its own for every scrape: two at once would empty each other's.
  const shared = new Registry();
  const series = [...(await readGauges({ db, now: clock.now() })), ...(await readTotals(db))];
  for (const { type, name, help, labelNames, values } of series) {
    const registers = [shared];
    if (type === "gauge") {
      const gauge = new Gauge({ name, help, labelNames, registers });
      for (const { labels, value } of values) gauge.set(labels, value);
    } else {
      const counter = new Counter({ name, help, labelNames, registers });
      for (const { labels, value } of values) counter.inc(labels, value);
    }
  }
  const { registry } = metrics;
  return {
    contentType: registry.contentType,
    text: `${await registry.metrics()}\n${await shared.metrics()}`,
  };
}
