import type { ActorKind } from "#server/db/generated/enums.ts";

/** Who caused something: a signed-in operator, Bookproof itself, or a program with a key. */
export type Actor = { kind: ActorKind; id: string | null };

export const SYSTEM: Actor = { kind: "system", id: null };

export function operator(userId: string): Actor {
  return { kind: "operator", id: userId };
}
