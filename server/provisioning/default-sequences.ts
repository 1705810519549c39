import type { Tx } from "#server/db/client.ts";
import type { SequenceTrigger, StepChannel } from "#server/db/generated/enums.ts";

type Step = { dayOffset: number; channel: StepChannel; subject?: string; template: string };

const SEQUENCES: { name: string; trigger: SequenceTrigger; active: boolean; steps: Step[] }[] = [
  {
    name: "Before the meeting",
    trigger: "meeting_booked",
    active: true,
    steps: [
      {
        dayOffset: 0,
        channel: "email",
        subject: "Your meeting",
        template: "Hello {{firstName}}, it is good to have you in the calendar.",
      },
    ],
  },
  {
    // A lost meeting is a person's to win back until the workspace says otherwise.
    name: "Win back a canceled meeting",
    trigger: "meeting_canceled",
    active: false,
    steps: [
      {
        dayOffset: 0,
        channel: "email",
        subject: "Another time?",
        template: "Hello {{firstName}}, which day next week suits you better?",
      },
    ],
  },
  {
    name: "No answer yet",
    trigger: "no_response",
    active: true,
    steps: [
      {
        dayOffset: 2,
        channel: "email",
        subject: "A short question",
        template: "Hello {{firstName}}, is this still of interest to you?",
      },
      { dayOffset: 5, channel: "call", template: "Call {{firstName}}." },
    ],
  },
];

/** The follow-ups that a workspace begins with; each is there to be changed. */
export async function createDefaultSequences(tx: Tx, workspaceId: string, now: Date): Promise<void> {
  for (const { steps, ...sequence } of SEQUENCES) {
    await tx.followUpSequence.create({
      data: {
        ...sequence,
        workspaceId,
        createdAt: now,
        steps: { create: steps.map((step, position) => ({ ...step, position })) },
      },
    });
  }
}
