import type {
  AppointmentStatus,
  LeadStatus,
  MeetingState,
  Provider,
  Sentiment,
  Source,
  Standing,
} from "#server/db/generated/enums.ts";

/** A sentence in pieces: words, and instants that the screen writes in the right zone and keeps ticking. */
export type SentencePart = string | { at: Date; as: "meeting" | "age" };

export type Sentence = {
  /** Who speaks: a provider, the conversation, nobody (it was not checked), or a rule of ours. */
  basis: "evidence" | "claim" | "unknown" | "rule";
  parts: SentencePart[];
  /** Appointments that this sentence rests on. */
  evidenceIds: string[];
};

export type Explanation = {
  /** Is this lead booked? Unknown where nobody could have known. */
  answer: "booked" | "not_booked" | "unknown";
  /** Why, the decisive sentence first. */
  sentences: Sentence[];
};

export type ExplainedAppointment = {
  id: string;
  provider: Provider;
  status: AppointmentStatus;
  standing: Standing | null;
  startAt: Date;
  canceledAt: Date | null;
  canceledByType: string | null;
  cancelReason: string | null;
  attendanceMark: AppointmentStatus | null;
  mirrorOfId: string | null;
  movedFromAt: Date | null;
  asOf: Date;
  source: Source;
  unrecognised: boolean;
  providerStatus: string;
};

export type ExplanationFacts = {
  lead: {
    status: LeadStatus;
    statusAt: Date;
    statusSource: Source;
    sentiment: Sentiment;
    meetingState: MeetingState;
    primaryId: string | null;
    lostAt: Date | null;
    claimAt: Date | null;
    claimUnverified: boolean;
    claimCheckedAt: Date | null;
    sharedBooking: boolean;
    mismatchKind: number | null;
  };
  appointments: ExplainedAppointment[];
  connections: { provider: Provider; fullScope: boolean }[];
  /** When everything that could hold a meeting of this lead was last asked; null when that never happened. */
  lastCheckedAt: Date | null;
  /** The first day from which on everything up to today was verified; null when nothing was. */
  verifiedFrom: Date | null;
};

export const PROVIDER_NAMES: Record<Provider, string> = { calendly: "Calendly", highlevel: "HighLevel" };
