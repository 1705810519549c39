import { Claim, Evidence, Unknown } from "#client/components/ui/badge.tsx";
import { Time } from "#client/components/ui/time.tsx";
import type { Tone } from "#client/lib/tone.ts";
import type { AppointmentStatus, MeetingState, Provider } from "#client/lib/trpc.ts";
import { APPOINTMENT_STATUSES, LEAD_STATUSES, PROVIDERS, SENTIMENTS } from "#client/lib/vocabulary.ts";
import type { MismatchRow } from "./words.ts";

/** What the conversation says, dashed. A status that claims a meeting without the conversation saying so is named as one. */
export function ClaimBadge({ row }: { row: Pick<MismatchRow, "sentiment" | "status"> }) {
  const isStatus = row.sentiment !== "meeting_booked" && row.status === "meeting_booked";
  return (
    <Claim>
      {isStatus
        ? `status: ${LEAD_STATUSES.meeting_booked.label.toLowerCase()}`
        : SENTIMENTS[row.sentiment].label}
    </Claim>
  );
}

/** Red only where the meeting is lost and nothing took its place. */
export function evidenceTone(status: AppointmentStatus, state: MeetingState): Tone {
  const { tone } = APPOINTMENT_STATUSES[status];
  return tone === "lost" && (state === "booked" || state === "held") ? "neutral" : tone;
}

/** What each connected provider says, solid; dotted while nobody has checked since the claim. */
export function ProviderBadges({ row, connected }: { row: MismatchRow; connected: readonly Provider[] }) {
  if (row.kind === null) return <Unknown>not checked since the claim</Unknown>;
  const silent = connected.filter((provider) => !row.providers.some((word) => word.provider === provider));
  if (row.providers.length + silent.length === 0) return <Unknown>no provider connected</Unknown>;
  const dated = row.providers.find((word) => isDated(word, row));
  const areTwo = row.providers.length + silent.length > 1;
  return (
    <span className="flex gap-1 overflow-hidden @max-[36rem]:flex-col @max-[36rem]:items-start @max-[36rem]:gap-0.5 @max-[36rem]:py-1.5">
      {row.providers.map((word) => (
        <Evidence
          key={word.provider}
          source={PROVIDERS[word.provider].label}
          tone={evidenceTone(word.status, row.meetingState)}
        >
          {APPOINTMENT_STATUSES[word.status].label}
          {word === dated && (
            // Beside an open panel there is room for two words, not for their date; the panel has it.
            <span className={areTwo ? "@max-[75rem]:hidden" : undefined}>
              {" "}
              <Time kind="date" at={word.at} />
            </span>
          )}
        </Evidence>
      ))}
      {silent.map((provider) => (
        <Evidence key={provider} source={PROVIDERS[provider].label}>
          none
        </Evidence>
      ))}
    </span>
  );
}

/** A loss wants its date, and so does the meeting that stands; there is room for one. */
function isDated(word: MismatchRow["providers"][number], row: MismatchRow): boolean {
  return word.status !== "confirmed" || row.meetingState === "booked" || row.meetingState === "held";
}
