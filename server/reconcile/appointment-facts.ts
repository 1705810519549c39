import type { AppointmentStatus, Provider, Source } from "#server/db/generated/enums.ts";

/** What the decisions know of one appointment: columns of its row and nothing else. */
export type AppointmentFacts = {
  id: string;
  provider: Provider;
  providerId: string;
  status: AppointmentStatus;
  startAt: Date;
  endAt: Date;
  canceledAt: Date | null;
  noShowAt: Date | null;
  rescheduledFromId: string | null;
  rescheduledToId: string | null;
  movedFromAt: Date | null;
  mirrorOfId: string | null;
  attendanceMark: AppointmentStatus | null;
  attendanceMarkAt: Date | null;
  providerCreatedAt: Date | null;
  providerUpdatedAt: Date | null;
  asOf: Date;
  source: Source;
  firstSeenAt: Date;
  lossSeenAt: Date | null;
};
