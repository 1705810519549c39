import type { Tab } from "#client/components/ui/tabs.tsx";
import { type ConnectionRow, isListening, isSetUp } from "./connection-types.ts";

export type TabId = "setup" | "health" | "deliveries" | "event-types" | "token" | "disconnect";

/** The tab of the URL where it makes sense; an unfinished setup comes first. */
export function decideTab(asked: TabId | undefined, row: ConnectionRow | null, mayManage: boolean): TabId {
  if (!row || !mayManage) return "health";
  if (row.provider !== "calendly" && asked === "setup") return "health";
  if (!isListening(row) && asked === "deliveries") return "health";
  return asked ?? (isSetUp(row) ? "health" : "setup");
}

export function buildTabs(row: ConnectionRow, current: TabId, mayManage: boolean): Tab[] {
  const isCalendly = row.provider === "calendly";
  const build = (id: TabId, label: string): Tab => ({
    id,
    label,
    link: linkTo(id),
    isCurrent: id === current,
  });
  if (!mayManage) return [build("health", "Health")];
  return [
    ...(isCalendly && (!isSetUp(row) || current === "setup") ? [build("setup", "Setup")] : []),
    build("health", "Health"),
    ...(isListening(row) ? [build("deliveries", "Deliveries")] : []),
    build("event-types", isCalendly ? "Event types" : "Calendars"),
    build("token", "Token and key"),
    build("disconnect", "Disconnect"),
  ];
}

/** `Tab` has the type of any link at all, which knows no screen's search parameters. */
function linkTo(tab: TabId): Tab["link"] {
  return { to: ".", search: { tab } as object } as Tab["link"];
}
