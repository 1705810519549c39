import { z } from "zod";
import { notFound } from "#server/lib/errors.ts";

/** A plan's id and the hash of its frozen items: whoever commits it has seen exactly this. */
export function writeToken(planId: string, hash: string): string {
  return `${planId}.${hash}`;
}

/** Anything that is not a token of ours is a preview that does not exist. */
export function readToken(token: string): { planId: string; hash: string } {
  const [planId, hash] = token.split(".");
  if (!z.uuid().safeParse(planId).success || !planId || !hash) throw notFound("Preview");
  return { planId, hash };
}
