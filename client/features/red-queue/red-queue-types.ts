import type { RouterInput, RouterOutput } from "#client/lib/trpc.ts";

export type RedQueuePage = RouterOutput["redQueue"]["list"];
export type RedTask = RedQueuePage["rows"][number];
export type TaskPanelFacts = RouterOutput["redQueue"]["get"];
export type OutcomeEffect = TaskPanelFacts["effects"][number]["effect"];
export type LoggedOutcome = RouterOutput["redQueue"]["logOutcome"];
export type LogInput = RouterInput["redQueue"]["logOutcome"];
export type Outcome = LogInput["outcome"];
export type NotInterestedReason = NonNullable<LogInput["reason"]>;
export type QueueView = RouterInput["redQueue"]["list"]["view"];
export type QueueSort = NonNullable<RouterInput["redQueue"]["list"]["sort"]>;
