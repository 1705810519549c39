import { parseArgs } from "node:util";
import { benchApplyAppointments } from "./apply-appointments.ts";
import { benchBackfillMemory } from "./backfill-memory.ts";
import { benchBulkAccept } from "./bulk-accept.ts";
import { benchConvergence } from "./convergence.ts";
import { benchListPages } from "./list-pages.ts";
import { benchMismatchPage } from "./mismatch-page.ts";
import { benchProviderCalls } from "./provider-calls.ts";
import { benchQuota } from "./quota.ts";
import { benchWebhookAcknowledgement } from "./webhook-acknowledgement.ts";

/** Every measurement by name; `npm run bench -- <name>` runs one, without a name all run in turn. */
const BENCHES: Record<string, () => Promise<void>> = {
  "provider-calls": benchProviderCalls,
  "apply-appointments": benchApplyAppointments,
  "bulk-accept": benchBulkAccept,
  "webhook-acknowledgement": benchWebhookAcknowledgement,
  quota: benchQuota,
  "backfill-memory": benchBackfillMemory,
  "mismatch-page": benchMismatchPage,
  "list-pages": benchListPages,
  convergence: benchConvergence,
};

const { positionals } = parseArgs({ allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
for (const name of names) {
  const bench = BENCHES[name];
  if (!bench) {
    console.error(`There is no bench called ${name}. There are: ${Object.keys(BENCHES).join(", ")}.`);
    process.exitCode = 2;
    break;
  }
  await bench();
}
