import type { Provider } from "#server/db/generated/enums.ts";

/**
 * `limit`: the provider's rate, which passes by itself. `no_answer`: the provider failed and is asked again soon.
 * `connection`: a person has to replace or widen a token. `database`: our own is too busy or away.
 */
export type WaitReason =
  | { kind: "limit" | "no_answer" | "connection"; provider: Provider }
  | { kind: "database"; provider: null };

export function writeWaitReason({ kind, provider }: WaitReason): string {
  return provider === null ? kind : `${provider}_${kind}`;
}

export function readWaitReason(text: string | null): WaitReason | null {
  if (text === "database") return { kind: "database", provider: null };
  const [, provider, kind] = /^(calendly|highlevel)_(limit|no_answer|connection)$/.exec(text ?? "") ?? [];
  // The expression admits nothing else.
  return provider && kind ? ({ kind, provider } as WaitReason) : null;
}
