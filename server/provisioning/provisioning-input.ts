import { z } from "zod";
import { Provider } from "#server/db/generated/enums.ts";
import { isTimeZone } from "#server/lib/time-zone.ts";

const address = z.string().trim().toLowerCase().pipe(z.email().max(320));

/** A list, or one text with commas, semicolons, spaces or line breaks between; null is nobody. */
const addresses = z
  .union([z.array(z.string()), z.string()])
  .nullable()
  .transform((given) => {
    const parts = given === null ? [] : Array.isArray(given) ? given : given.split(/[\s,;]+/);
    return [...new Set(parts.map((part) => part.trim().toLowerCase()).filter((part) => part !== ""))];
  })
  .pipe(z.array(address).max(500));

const days = z.number().int().min(1).max(3_650);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is not a time such as 09:00");

/** What may be set from outside; everything else about a workspace is its own. */
const workspaceSettings = z.strictObject({
  timezone: z.string().refine(isTimeZone, "is not the name of a time zone").optional(),
  paused: z.boolean().optional(),
  bookingProvider: z.enum(Provider).optional(),
  businessOpen: timeOfDay.optional(),
  businessClose: timeOfDay.optional(),
  businessDays: z.array(z.number().int().min(1).max(7)).min(1).max(7).optional(),
  lookbackDays: days.optional(),
  lookaheadDays: days.optional(),
  freshnessDays: days.optional(),
  heldGateDays: z.number().int().min(0).max(3_650).optional(),
  strictEventTypes: z.boolean().optional(),
  movedReview: z.boolean().optional(),
  attemptLimit: z.number().int().min(1).max(100).optional(),
  flagAttendance: z.boolean().optional(),
  autoAcceptKinds: z.array(z.number().int().min(1).max(4)).max(4).optional(),
  autoBook: z.boolean().optional(),
  bulkEvidenceMinutes: z.number().int().min(1).max(10_080).optional(),
  calendlySchedulingLink: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .nullable()
    .optional(),
});

const secret = z.string().trim().min(1).max(5_000).nullable().optional();

/** R41: what is present replaces, what is absent stays, null clears. */
export const provisioningInput = z
  .strictObject({
    externalId: z.string().trim().min(1).max(200).optional(),
    name: z.string().trim().min(1).max(200).optional(),
    userEmail: address.optional(),
    ghlLocationId: z.string().trim().min(1).max(100).nullable().optional(),
    ghlPrivateKey: secret,
    calendlyAccessToken: secret,
    settings: workspaceSettings.optional(),
    setterEmails: addresses.optional(),
    inboxManagerEmails: addresses.optional(),
    /** Older callers name one. */
    inboxManagerEmail: addresses.optional(),
    upsert: z.boolean().default(false),
    invite: z.boolean().default(false),
    dryRun: z.boolean().default(false),
  })
  .refine((input) => Boolean(input.externalId || input.ghlLocationId || input.name), {
    path: ["externalId"],
    message: "A workspace needs an externalId, a ghlLocationId or at least a name.",
  });

export type ProvisioningInput = z.output<typeof provisioningInput>;
