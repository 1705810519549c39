/** How fresh a day's evidence is. */
export type Freshness = "today" | "week" | "older" | "never";

export type StripBar = { from: string; days: number; freshness: Freshness };

const DAY_MS = 86_400_000;
/** More bars than this cannot be told apart; then a bar stands for several days, as stale as the worst of them. */
const MAX_BARS = 120;
const ORDER: readonly Freshness[] = ["today", "week", "older", "never"];

export function computeStrip(
  days: readonly { day: string; verifiedAt: string | null }[],
  nowMs: number,
): StripBar[] {
  const perBar = Math.max(1, Math.ceil(days.length / MAX_BARS));
  const bars: StripBar[] = [];
  for (let at = 0; at < days.length; at += perBar) {
    const part = days.slice(at, at + perBar);
    const [first] = part;
    if (!first) break;
    const worst = Math.max(...part.map(({ verifiedAt }) => ORDER.indexOf(freshnessOf(verifiedAt, nowMs))));
    bars.push({ from: first.day, days: part.length, freshness: ORDER[worst] ?? "never" });
  }
  return bars;
}

function freshnessOf(verifiedAt: string | null, nowMs: number): Freshness {
  if (verifiedAt === null) return "never";
  const ageMs = nowMs - Date.parse(verifiedAt);
  return ageMs < DAY_MS ? "today" : ageMs < 7 * DAY_MS ? "week" : "older";
}
