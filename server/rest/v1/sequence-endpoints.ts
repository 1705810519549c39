import { z } from "zod";
import type { Deps } from "#server/deps.ts";
import { createSequence, sequenceInput } from "#server/follow-ups/create-sequence.ts";
import { enrolLead } from "#server/follow-ups/enrol-lead.ts";
import { instance, sequence } from "./answers.ts";
import type { ApiRoutes } from "./api-routes.ts";

const enrolmentBody = z.strictObject({ leadId: z.uuid(), sequenceId: z.uuid() });

export function addSequenceEndpoints(routes: ApiRoutes, deps: Deps): void {
  routes.post(
    "/sequences",
    {
      summary: "Create a follow-up sequence",
      body: sequenceInput,
      answers: { 201: "The sequence with its steps" },
      answer: sequence,
    },
    async ({ caller, body }) => {
      const { workspaceId: _, steps, ...made } = await createSequence(deps, caller, body);
      return {
        status: 201,
        body: {
          ...made,
          steps: steps.map(({ id, dayOffset, minuteOffset, channel, template, subject }) => ({
            id,
            dayOffset,
            minuteOffset,
            channel,
            template,
            subject,
          })),
        },
      };
    },
  );

  routes.post(
    "/enrollments",
    {
      summary: "Enter a lead in a sequence; who has a meeting is in none but a post-booking one",
      body: enrolmentBody,
      answers: { 201: "The instance" },
      answer: instance,
    },
    async ({ caller, body }) => {
      const {
        workspaceId: _,
        startedById: __,
        nextStep: ___,
        ...begun
      } = await enrolLead(deps, caller, body);
      return { status: 201, body: begun };
    },
  );
}
