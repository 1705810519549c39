import type { Observed } from "./observe.ts";

/** R20: what each change says it came from is what the change before it came to. */
export function checkHistory(changes: Observed["changes"]): string[] {
  const complaints: string[] = [];
  for (const [, own] of Map.groupBy(changes, (change) => change.appointmentId)) {
    const { provider, providerId, status } = own[0]?.appointment ?? {};
    const name = `${provider} ${providerId}`;
    const steps = own.filter(({ kind }) => !["linked", "unlinked", "marked"].includes(kind));
    for (const [at, change] of steps.entries()) {
      const before = steps[at - 1];
      const from = before?.toStatus ?? null;
      if (change.fromStatus !== from) {
        complaints.push(`${name}: history goes on from ${change.fromStatus} where it stood at ${from}`);
      }
      if (before && sayWhat(before) === sayWhat(change))
        complaints.push(`${name}: history says ${change.kind} twice`);
    }
    const last = steps.at(-1)?.toStatus;
    if (last !== status) complaints.push(`${name}: history ends at ${last}, and the row says ${status}`);
  }
  return complaints;
}

function sayWhat({ kind, fromStatus, toStatus, diff, asOf }: Record<string, unknown>): string {
  return JSON.stringify([kind, fromStatus, toStatus, diff, asOf]);
}
