import type { TaskType } from "#server/db/generated/enums.ts";

/** Solid red: a meeting was lost. Hollow red: it moved and wants a look (R15, R16). */
export type RedKind = "lost" | "moved";

/** Null for tasks that are not red: the steps of sequences. */
export function redKindOf(type: TaskType): RedKind | null {
  switch (type) {
    case "meeting_canceled":
    case "meeting_no_show":
      return "lost";
    case "meeting_rescheduled":
      return "moved";
    case "email":
    case "call":
    case "sms":
    case "linkedin":
      return null;
    default:
      return type satisfies never;
  }
}
