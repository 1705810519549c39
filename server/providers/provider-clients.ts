import type { Clock } from "#server/lib/clock.ts";
import { createCalendlyClient } from "./calendly/client.ts";
import type { CallPriority } from "./decide-rate-slot.ts";
import { createHighLevelClient } from "./highlevel/client.ts";
import type { ProviderCall } from "./http-client.ts";
import type { BucketKey } from "./rate-bucket.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { Sleep } from "./sleep.ts";

export type ProviderClientsDeps = {
  config: { calendlyApiUrl: string; highlevelApiUrl: string };
  limiter: RateLimiter;
  clock: Clock;
  sleep?: Sleep;
  onCall?: (call: ProviderCall) => void;
};

export type ProviderClients = ReturnType<typeof createProviderClients>;

type CallContext = { token: string; priority: CallPriority; patienceMs?: number; signal?: AbortSignal };

/** Makes the clients of one process: same limiter, clock and counters, another token each time. */
export function createProviderClients({ config, ...deps }: ProviderClientsDeps) {
  return {
    calendly(context: CallContext & { bucket: BucketKey; share?: number }) {
      return createCalendlyClient({ ...deps, ...context, baseUrl: config.calendlyApiUrl });
    },
    highlevel(context: CallContext & { locationId: string }) {
      return createHighLevelClient({ ...deps, ...context, baseUrl: config.highlevelApiUrl });
    },
  };
}
