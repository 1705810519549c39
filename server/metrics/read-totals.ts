import { EFFECTS } from "#server/audit/count-effects.ts";
import type { Db } from "#server/db/client.ts";
import { type Series, toSeries } from "./series.ts";

/** What has been counted since the installation began: of the tables, so that every process says the same. */
export async function readTotals(db: Db): Promise<Series[]> {
  const effects = await db.$queryRaw<{ effect: string; source: string; value: number }[]>`
    SELECT effect, source::text, sum(total)::float8 AS value FROM "EffectTotal"
    WHERE effect <> 'stray_completed' GROUP BY 1, 2 ORDER BY 1, 2`;
  const [strays] = await db.$queryRaw<{ value: number }[]>`
    SELECT coalesce(sum(total), 0)::float8 AS value FROM "EffectTotal" WHERE effect = 'stray_completed'`;
  const calls = await db.$queryRaw<
    { provider: string; endpoint: string; outcome: string; value: number; seconds: number }[]
  >`
    SELECT provider::text, endpoint, outcome, calls::float8 AS value, ms::float8 / 1000 AS seconds
    FROM "CallTotal" ORDER BY 1, 2, 3`;
  return [
    toSeries(
      "counter",
      "bookproof_effects_total",
      "What followed for leads, tasks and sequences, by what it was and through what.",
      withZeros(effects),
      ["effect", "source"],
    ),
    toSeries(
      "counter",
      "bookproof_strays_total",
      "Sequences that ran in spite of a meeting and were completed. Above zero somebody enrols what has booked.",
      strays ? [strays] : [],
      [],
    ),
    toSeries(
      "counter",
      "bookproof_provider_calls_total",
      "Calls to providers of all processes. Endpoints carry placeholders, never ids.",
      calls,
      ["provider", "endpoint", "outcome"],
    ),
    toSeries(
      "counter",
      "bookproof_provider_calls_seconds_total",
      "How long those calls took together.",
      calls.map(({ seconds, ...labels }) => ({ ...labels, value: seconds })),
      ["provider", "endpoint", "outcome"],
    ),
  ];
}

/** A counter that is there before the first of its kind lets an alert see the first. */
function withZeros(found: { effect: string; source: string; value: number }[]) {
  const missing = EFFECTS.filter(
    (effect) => effect !== "stray_completed" && !found.some((row) => row.effect === effect),
  );
  return [...found, ...missing.map((effect) => ({ effect, source: "reconcile", value: 0 }))];
}
