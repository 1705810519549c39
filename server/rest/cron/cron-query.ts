import { z } from "zod";
import { yesOrNo } from "../yes-or-no.ts";

const few = z.coerce.number().int().min(1).max(10_000);

export const cronQuery = z.object({
  workspaceId: z.string().trim().min(1).max(100).optional(),
  wait: yesOrNo.default(false),
  dryRun: yesOrNo.default(false),
  workspaceLimit: few.optional(),
  /** Bounds lookups; a sweep verifies every lead of its workspace at once. */
  leadsPerWorkspace: few.optional(),
});

export type CronQuery = z.output<typeof cronQuery>;
