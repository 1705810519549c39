import type { Provider } from "#server/db/generated/enums.ts";

/** `limit`: the provider's rate, which passes by itself. `connection`: a person has to replace or widen a token. */
type WaitKind = "limit" | "connection";

export function writeWaitReason(kind: WaitKind, provider: Provider): string {
  return `${provider}_${kind}`;
}

export function readWaitReason(reason: string | null): { kind: WaitKind; provider: Provider } | null {
  const [, provider, kind] = /^(calendly|highlevel)_(limit|connection)$/.exec(reason ?? "") ?? [];
  // The expression admits nothing else.
  return provider && kind ? { kind: kind as WaitKind, provider: provider as Provider } : null;
}
