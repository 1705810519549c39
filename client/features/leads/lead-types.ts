import type { RouterOutput } from "#client/lib/trpc.ts";

export type LeadPageFacts = RouterOutput["leads"]["get"];
export type LeadMeeting = LeadPageFacts["appointments"][number];
export type TimelineEntry = LeadPageFacts["timeline"][number];
export type LeadRow = RouterOutput["leads"]["list"]["rows"][number];
