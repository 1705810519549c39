import type { Db } from "#server/db/client.ts";
import type { Prisma } from "#server/db/generated/client.ts";
import type { Provider } from "#server/db/generated/enums.ts";
import {
  describeIncident,
  INCIDENT_KINDS,
  type IncidentFacts,
  type IncidentScreen,
  isIncidentKind,
} from "./incident-kinds.ts";

/** An open incident as a screen shows it: its words are the server's, its times the reader's. */
export type OpenIncident = {
  id: string;
  kind: string;
  cause: string;
  what: string;
  action: string;
  count: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** The stretch of time that it is about, where it is about one. */
  from: string | null;
  to: string | null;
  /** When it ends by itself, where that is known. */
  until: string | null;
};

/** What is open about one connection, the latest sighting first. */
export function listConnectionIncidents(
  db: Db,
  connection: { id: string; workspaceId: string; provider: Provider },
): Promise<OpenIncident[]> {
  const { id, workspaceId, provider } = connection;
  return list(db, { workspaceId, connectionId: id }, provider);
}

/** What is open about the workspace itself and belongs on this screen. */
export function listWorkspaceIncidents(
  db: Db,
  { workspaceId, screen }: { workspaceId: string; screen: IncidentScreen },
): Promise<OpenIncident[]> {
  const kinds = Object.keys(INCIDENT_KINDS).filter(
    (kind) => isIncidentKind(kind) && INCIDENT_KINDS[kind].screen === screen,
  );
  return list(db, { workspaceId, connectionId: null, kind: { in: kinds } }, null);
}

async function list(
  db: Db,
  where: Prisma.IncidentWhereInput,
  provider: Provider | null,
): Promise<OpenIncident[]> {
  const rows = await db.incident.findMany({
    where: { ...where, closedAt: null },
    orderBy: [{ lastSeenAt: "desc" }, { id: "asc" }],
  });
  return rows.map(({ id, kind, cause, action, count, firstSeenAt, lastSeenAt, details }) => {
    const facts = readFacts(details);
    const text = (key: string) => (typeof facts[key] === "string" ? facts[key] : null);
    return {
      id,
      kind,
      cause,
      ...describeIncident({ kind, cause, action, facts, provider }),
      count,
      firstSeenAt,
      lastSeenAt,
      from: text("from"),
      to: text("to"),
      until: text("until"),
    };
  });
}

function readFacts(details: Prisma.JsonValue): IncidentFacts {
  return typeof details === "object" && details !== null && !Array.isArray(details) ? details : {};
}
