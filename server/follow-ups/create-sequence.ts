import { z } from "zod";
import type { Actor } from "#server/audit/actor.ts";
import { writeAudit } from "#server/audit/write-audit.ts";
import { SequenceTrigger, StepChannel } from "#server/db/generated/enums.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { conflict } from "#server/lib/errors.ts";

const step = z
  .strictObject({
    /** Days after the start. */
    dayOffset: z.int().min(0).max(365),
    minuteOffset: z.int().min(0).max(1_439).default(0),
    channel: z.enum(StepChannel),
    template: z.string().trim().min(1).max(10_000),
    subject: z.string().trim().min(1).max(300).optional(),
  })
  .refine(({ channel, subject }) => subject === undefined || channel === "email", {
    path: ["subject"],
    error: "only an e-mail has a subject",
  });

export const sequenceInput = z.strictObject({
  name: z.string().trim().min(1).max(200),
  trigger: z.enum(SequenceTrigger),
  steps: z
    .array(step)
    .min(1)
    .max(50)
    .refine((steps) => steps.every((one, at) => isAfter(one, steps[at - 1])), {
      error: "no step comes before the one above it",
    }),
});

export type SequenceInput = z.output<typeof sequenceInput>;

type Offset = { dayOffset: number; minuteOffset: number };

function isAfter(one: Offset, before: Offset | undefined): boolean {
  if (!before) return true;
  const minutes = ({ dayOffset, minuteOffset }: Offset) => dayOffset * 1_440 + minuteOffset;
  return minutes(one) >= minutes(before);
}

/** A sequence with its steps in their order. Names tell sequences apart, so that one is refused that is taken. */
export async function createSequence(
  { db, clock }: Pick<Deps, "db" | "clock">,
  { workspaceId, actor }: { workspaceId: string; actor: Actor },
  { name, trigger, steps }: SequenceInput,
) {
  const now = clock.now();
  return runTransaction(db, "create sequence", async (tx) => {
    await lockWorkspace(tx, workspaceId);
    const same = await tx.followUpSequence.findFirst({ where: { workspaceId, name }, select: { id: true } });
    if (same) throw conflict("name_taken", "A sequence of this name exists.", { sequenceId: same.id });
    const sequence = await tx.followUpSequence.create({
      data: {
        workspaceId,
        name,
        trigger,
        createdAt: now,
        steps: { create: steps.map((one, position) => ({ ...one, position })) },
      },
      include: { steps: { orderBy: { position: "asc" } } },
    });
    await writeAudit(tx, actor, now, [
      {
        workspaceId,
        verb: "sequence_created",
        subjectType: "sequence",
        subjectId: sequence.id,
        after: { trigger, steps: steps.length },
        source: "operator",
      },
    ]);
    return sequence;
  });
}
