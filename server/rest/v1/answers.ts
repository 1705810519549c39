import { z } from "zod";
import {
  AppointmentStatus,
  BackfillMode,
  BackfillState,
  ConnectionState,
  Decision,
  InstanceStatus,
  LeadStatus,
  MeetingState,
  MessageDirection,
  MismatchCause,
  Provider,
  Sentiment,
  SequenceTrigger,
  Source,
  StepChannel,
  TaskStatus,
  TaskType,
} from "#server/db/generated/enums.ts";

/** What programs are answered, field by field: the description of the API, held against real answers by a test. */

const time = z.iso.datetime();
const id = z.uuid();
const count = z.int().min(0);
/** R21; the fifth where a workspace asks for it. */
const kind = z.int().min(1).max(5);

/** A list with its cursor; `more` are figures about the whole of it. */
export function listOf<T extends z.ZodType>(row: T, more: z.ZodRawShape = {}) {
  return z.strictObject({
    rows: z.array(row),
    next: z.string().nullable().describe("The cursor of the next page"),
    asOf: time,
    ...more,
  });
}

export const lead = z.strictObject({
  id,
  externalId: z.string().nullable(),
  email: z.string(),
  status: z.enum(LeadStatus),
  sentiment: z.enum(Sentiment),
  sentimentAt: time,
  booked: z.boolean().describe("A meeting is ahead, or was held"),
  meeting: z.strictObject({
    state: z.enum(MeetingState),
    appointmentId: id.nullable(),
    provider: z.enum(Provider).nullable(),
    status: z.enum(AppointmentStatus).nullable(),
    startAt: time.nullable(),
    endAt: time.nullable(),
    canceledAt: time.nullable(),
    bookedAt: time.nullable(),
    source: z.enum(Source).nullable(),
    asOf: time.nullable(),
  }),
  mismatch: z.strictObject({ kind, cause: z.enum(MismatchCause).nullable() }).nullable(),
  claimChecked: z.boolean().describe("Whether a complete check is newer than the claim"),
  lastCheckedAt: time.nullable(),
});

export const checkedLead = lead.extend({ calls: count });

export const appointment = z.strictObject({
  id,
  leadId: id.nullable(),
  provider: z.enum(Provider),
  providerId: z.string(),
  eventId: z.string(),
  status: z.enum(AppointmentStatus),
  providerStatus: z.string().describe("The provider's own word"),
  startAt: time,
  endAt: time,
  canceledAt: time.nullable(),
  canceledBy: z.string().nullable(),
  cancelReason: z.string().nullable(),
  rescheduledFromId: z.string().nullable(),
  rescheduledToId: z.string().nullable(),
  noShow: z.boolean(),
  attendeeEmail: z.string().nullable(),
  organizerEmail: z.string().nullable(),
  source: z.enum(Source),
  asOf: time,
  firstSeenAt: time,
});

export const task = z.strictObject({
  id,
  leadId: id,
  appointmentIds: z.array(id),
  type: z.enum(TaskType),
  status: z.enum(TaskStatus),
  red: z.enum(["lost", "moved"]).nullable(),
  dueAt: time,
  createdAt: time,
  closedAt: time.nullable(),
  closedReason: z.string().nullable(),
  ownerEmail: z.string().nullable(),
});

export const leadDetail = lead.extend({
  appointments: z.array(appointment),
  history: z.array(
    z.strictObject({
      at: time,
      kind: z.string(),
      appointmentId: id.nullable(),
      from: z.unknown(),
      to: z.unknown(),
      asOf: time.nullable(),
      source: z.enum(Source),
      reason: z.string().nullable(),
    }),
  ),
  tasks: z.array(task),
  instances: z.array(
    z.strictObject({
      id,
      sequenceId: id,
      sequence: z.string(),
      trigger: z.enum(SequenceTrigger),
      status: z.enum(InstanceStatus),
      startedAt: time,
      endedAt: time.nullable(),
      nextStepAt: time.nullable(),
      reason: z.string().nullable(),
    }),
  ),
  aliases: z.array(z.strictObject({ email: z.string(), source: z.enum(Source), createdAt: time })),
  asOf: time,
});

const fault = { code: z.string(), message: z.string() };

export const upserted = z.strictObject({
  created: count,
  updated: count,
  unchanged: count,
  errors: z.array(z.strictObject({ index: count, ...fault })),
});

const item = { index: count, externalId: z.string().nullable() };

export const taken = z.strictObject({
  accepted: count,
  duplicates: count,
  results: z.array(
    z.discriminatedUnion("result", [
      z.strictObject({ ...item, result: z.literal("accepted") }),
      z.strictObject({ ...item, result: z.literal("duplicate") }),
      z.strictObject({ ...item, result: z.literal("error"), ...fault }),
    ]),
  ),
});

export const mismatch = z.strictObject({
  leadId: id,
  kind,
  cause: z.enum(MismatchCause).nullable(),
  since: time,
  claimAt: time.nullable(),
  checkedAt: time.nullable(),
  lastInboundAt: time.nullable(),
  lastMessageAt: time.nullable(),
  lastMessageDirection: z.enum(MessageDirection).nullable(),
  suggested: z.enum(Decision),
});

export const unknownClaims = { unknown: count.describe("Claims that no complete check has overtaken") };

export const sequence = z.strictObject({
  id,
  name: z.string(),
  trigger: z.enum(SequenceTrigger),
  active: z.boolean(),
  createdAt: time,
  steps: z.array(
    z.strictObject({
      id,
      dayOffset: count,
      minuteOffset: count,
      channel: z.enum(StepChannel),
      template: z.string(),
      subject: z.string().nullable(),
    }),
  ),
});

export const instance = z.strictObject({
  id,
  leadId: id,
  sequenceId: id,
  status: z.enum(InstanceStatus),
  trigger: z.enum(SequenceTrigger),
  nextStepAt: time.nullable(),
  startedAt: time,
  endedAt: time.nullable(),
  reason: z.string().nullable(),
});

export const connection = z.strictObject({
  provider: z.enum(Provider),
  state: z.enum(ConnectionState),
  reasonCode: z.string().nullable(),
  since: time,
  lastEventAt: time.nullable(),
  lastSweepAt: time.nullable(),
  coverage: z.array(z.strictObject({ from: time, to: time, verifiedAt: time })),
  tiers: z.array(
    z.strictObject({
      tier: z.enum(["hot", "warm", "cold"]),
      everyMin: z.int(),
      promisedMin: z.int(),
      completeAt: time.nullable(),
    }),
  ),
  subscription: z.strictObject({ state: z.string().nullable(), retryStartedAt: time.nullable() }).nullable(),
});

const effects = [
  "appointmentsAdded",
  "appointmentsUpdated",
  "unmatched",
  "leadsChanged",
  "mismatchesOpened",
  "mismatchesClosed",
  "redCreated",
  "redClosed",
  "vanished",
] as const;

export const backfill = z.strictObject({
  id,
  number: z.int(),
  workspaceIds: z.array(id),
  providers: z.array(z.enum(Provider)),
  from: time,
  to: time.describe("Exclusive"),
  mode: z.enum(BackfillMode),
  dryRun: z.boolean(),
  skipSideEffects: z.boolean(),
  note: z.string().nullable(),
  state: z.enum(BackfillState),
  since: time,
  done: count,
  skipped: count.describe("Read, and equal to what was known"),
  failed: count,
  total: count.nullable(),
  totalIsEstimate: z.boolean(),
  percent: count.nullable(),
  ratePerSec60: z.number().nullable(),
  etaLow: z.number().nullable().describe("Seconds"),
  etaHigh: z.number().nullable().describe("Seconds"),
  waitUntil: time.nullable(),
  waitReason: z
    .strictObject({
      kind: z.enum(["limit", "no_answer", "connection", "database"]),
      provider: z.enum(Provider).nullable(),
    })
    .nullable(),
  cursorLabel: z.string().nullable(),
  heartbeatAt: time.nullable(),
  slices: z.strictObject({ total: count, done: count, failed: count }),
  effects: z.strictObject(Object.fromEntries(effects.map((name) => [name, count]))),
  errors: z.array(
    z.strictObject({ code: z.string(), provider: z.enum(Provider), records: count, slices: count }),
  ),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  asOf: time,
});
