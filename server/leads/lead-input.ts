import { z } from "zod";
import { LeadStatus, MessageDirection, ResponseMode, Sentiment } from "#server/db/generated/enums.ts";
import { isStorableTime } from "#server/lib/storable.ts";
import { isTimeZone } from "#server/lib/time-zone.ts";

/** An empty text says the same as null: nothing there. */
const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((value) => (value === "" ? null : value))
    .nullable()
    .optional();

const address = z.string().trim().max(320).pipe(z.email());
const instant = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value))
  .refine(isStorableTime)
  .nullable()
  .optional();

/** One lead as the customer gives it: what is absent stays as it is, null clears what may be empty. */
export const leadInputSchema = z.strictObject({
  externalId: z.string().trim().min(1).max(200).nullable().optional(),
  email: address.optional(),
  aliases: z.array(address).max(50).optional(),
  firstName: text(200),
  lastName: text(200),
  company: text(200),
  phone: text(50),
  timezone: z.string().trim().refine(isTimeZone).nullable().optional(),
  ghlContactId: z.string().trim().min(1).max(100).nullable().optional(),
  status: z.enum(LeadStatus).optional(),
  sentiment: z.enum(Sentiment).optional(),
  sentimentAt: instant,
  lastInboundAt: instant,
  lastMessageAt: instant,
  lastMessageDirection: z.enum(MessageDirection).nullable().optional(),
  crmOwnerEmail: address.nullable().optional(),
  highValue: z.boolean().optional(),
  responseMode: z.enum(ResponseMode).optional(),
  autoBook: z.boolean().optional(),
  assignedToEmail: address.nullable().optional(),
});

export type LeadInput = z.output<typeof leadInputSchema>;
