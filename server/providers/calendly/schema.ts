import { z } from "zod";
import { instantSchema, softInstantSchema } from "../instant-schema.ts";
import { lastSegment } from "./uri.ts";

// Unknown fields are dropped, unknown words kept. Only what a decision rests on is required; absent and
// null mean the same, since Calendly uses both.

/** No format check beyond a usable id: old ids are 16 capitals, new ones UUIDs, and both occur. */
const uriSchema = z.string().refine((uri) => /^[A-Za-z0-9_-]+$/.test(lastSegment(uri)), "no id in URI");
const textSchema = z.string().nullish();

/** As large as the database counts; what is no count tells nothing about an event that is there. */
const countSchema = z.int32().min(0);

const cancellationSchema = z.object({
  canceled_by: textSchema,
  reason: textSchema,
  canceler_type: textSchema,
  created_at: softInstantSchema,
});

export const eventSchema = z.object({
  uri: uriSchema,
  name: textSchema,
  status: z.string(),
  start_time: instantSchema,
  end_time: instantSchema,
  event_type: uriSchema.nullish(),
  invitees_counter: z.object({ total: countSchema, active: countSchema }).nullish().catch(null),
  event_memberships: z
    .array(z.object({ user: textSchema, user_email: textSchema, user_name: textSchema }))
    .nullish(),
  cancellation: cancellationSchema.nullish(),
  created_at: softInstantSchema,
  updated_at: softInstantSchema,
});

export const inviteeSchema = z.object({
  uri: uriSchema,
  event: uriSchema.nullish(),
  email: textSchema,
  name: textSchema,
  first_name: textSchema,
  last_name: textSchema,
  status: z.string(),
  timezone: textSchema,
  text_reminder_number: textSchema,
  tracking: z.record(z.string(), z.unknown()).nullish(),
  rescheduled: z.boolean().nullish(),
  old_invitee: uriSchema.nullish(),
  new_invitee: uriSchema.nullish(),
  cancellation: cancellationSchema.nullish(),
  no_show: z.object({ uri: textSchema, created_at: softInstantSchema }).nullish(),
  created_at: softInstantSchema,
  updated_at: softInstantSchema,
});

export const userSchema = z.object({
  uri: uriSchema,
  name: textSchema,
  email: textSchema,
  timezone: textSchema,
  current_organization: uriSchema.nullish(),
});

export const organizationSchema = z.object({
  uri: uriSchema,
  name: textSchema,
  plan: textSchema,
  stage: textSchema,
});

export const membershipSchema = z.object({
  uri: uriSchema,
  role: z.string(),
  organization: uriSchema.nullish(),
  user: userSchema.omit({ current_organization: true }),
});

export const eventTypeSchema = z.object({
  uri: uriSchema,
  name: textSchema,
  active: z.boolean().nullish(),
  slug: textSchema,
  scheduling_url: textSchema,
  duration: z.number().nullish(),
  kind: textSchema,
  pooling_type: textSchema,
  profile: z.object({ type: textSchema, name: textSchema, owner: textSchema }).nullish(),
  deleted_at: softInstantSchema,
});

export const webhookSubscriptionSchema = z.object({
  uri: uriSchema,
  callback_url: z.string(),
  state: z.string(),
  events: z.array(z.string()),
  scope: z.string(),
  organization: uriSchema.nullish(),
  user: uriSchema.nullish(),
  creator: uriSchema.nullish(),
  retry_started_at: softInstantSchema,
  created_at: softInstantSchema,
  updated_at: softInstantSchema,
});

export function resourceSchema<T>(schema: z.ZodType<T>) {
  return z.object({ resource: schema });
}

/**
 * A page whose rows are read one by one later. `pagination` must be there: without it a cut-off page would
 * pass for the last one. Old replies carry the token only inside `next_page`.
 */
export const pageSchema = z
  .object({
    collection: z.array(z.unknown()),
    pagination: z.object({ next_page: textSchema, next_page_token: textSchema }),
  })
  .transform(({ collection, pagination }, context) => {
    const { next_page: nextPage, next_page_token: token } = pagination;
    const nextPageToken = token || (nextPage ? readPageToken(nextPage) : null);
    if (nextPage && !nextPageToken) {
      context.issues.push({ code: "custom", input: undefined, path: ["pagination", "next_page"] });
    }
    return { collection, nextPageToken };
  });

function readPageToken(nextPage: string): string | null {
  return URL.canParse(nextPage) ? new URL(nextPage).searchParams.get("page_token") : null;
}

export type CalendlyEvent = z.infer<typeof eventSchema>;
export type CalendlyInvitee = z.infer<typeof inviteeSchema>;
export type CalendlyCancellation = z.infer<typeof cancellationSchema>;
export type CalendlyUser = z.infer<typeof userSchema>;
export type CalendlyOrganization = z.infer<typeof organizationSchema>;
export type CalendlyMembership = z.infer<typeof membershipSchema>;
export type CalendlyEventType = z.infer<typeof eventTypeSchema>;
export type CalendlyWebhookSubscription = z.infer<typeof webhookSubscriptionSchema>;
