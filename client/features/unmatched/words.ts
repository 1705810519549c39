import type { RouterOutput } from "#client/lib/trpc.ts";
import { APPOINTMENT_STATUSES, PROVIDERS, SUGGESTION_REASONS } from "#client/lib/vocabulary.ts";

export type UnmatchedPage = RouterOutput["unmatched"]["list"];
export type UnmatchedRow = UnmatchedPage["rows"][number];
export type UnmatchedDetail = RouterOutput["unmatched"]["get"];
export type Suggestion = RouterOutput["unmatched"]["suggestions"][string][number];

/** Whom the booking may be linked to, from a suggestion or a search. */
export type ChosenLead = { leadId: string; name: string };

export function nameOf(booking: Pick<UnmatchedRow, "attendeeName" | "attendeeEmail">): string {
  return booking.attendeeName || booking.attendeeEmail || "Somebody without a name";
}

/** Whom a person came to link a booking to. */
export type SoughtLead = Omit<Suggestion, "reasons">;

/** A suggestion as it is offered; the one that is sought need not resemble the booking at all. */
export type Choice = Suggestion & { isSought: boolean };

/** The lead that a booking is looked for stands first, so that one key links to it. */
export function putFirst(suggestions: readonly Suggestion[], sought: SoughtLead | null): Choice[] {
  const choices = suggestions.map((each) => ({ ...each, isSought: each.leadId === sought?.leadId }));
  if (sought === null) return choices;
  const own = choices.find(({ isSought }) => isSought) ?? { ...sought, reasons: [], isSought: true };
  return [own, ...choices.filter((each) => each !== own)];
}

/** "same phone, same name": the strongest first, as the server ranks them. */
export function describeReasons(reasons: Suggestion["reasons"], isSought = false): string {
  const words = reasons.map((reason) => SUGGESTION_REASONS[reason].label);
  return [...(isSought ? ["the lead you came for"] : []), ...words].join(", ");
}

/** What choosing does beside linking this one booking, in a line. */
export function describeMemory({
  hasKeys,
  attendeeEmail,
  holders,
}: Pick<UnmatchedDetail, "hasKeys" | "attendeeEmail" | "holders">): string {
  if (!hasKeys) return "Links at once. There is no address to remember: only this booking is linked.";
  const address = attendeeEmail ?? "the same contact";
  const [holder, ...others] = holders;
  if (!holder) return `Links at once. Later bookings under ${address} will be theirs too.`;
  const whose = others.length === 0 ? holder.name : `${holders.length} leads`;
  const anyone = others.length === 0 ? "For anybody else, only" : "Only";
  return `Links at once. ${capitalize(address)} belongs to ${whose}. ${anyone} this booking is linked.`;
}

/** How the toast goes on after "Linked … to …". */
export function describeRemembered(isRemembered: boolean, address: string | null): string {
  return isRemembered
    ? `Later bookings under ${address ?? "the same contact"} are theirs too.`
    : "Only this booking: its address is not remembered.";
}

/** What a reader hears for the whole row. */
export function rowLabel(row: UnmatchedRow): string {
  return [
    nameOf(row),
    `${PROVIDERS[row.provider].label} ${APPOINTMENT_STATUSES[row.status].label}`,
    row.title,
    row.ambiguous ? "shared address" : null,
  ]
    .filter(Boolean)
    .join(", ");
}

export function countOf(count: number, one: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : `${one}s`}`;
}

/** An address stays as it is written. */
function capitalize(text: string): string {
  return text.includes("@") ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
