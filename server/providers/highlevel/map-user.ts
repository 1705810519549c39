import type { HighLevelUser } from "./schema.ts";

export type HostReading = { email: string | null; name: string | null };

/** The location's members by id: events name their host by id only. */
export function mapUsers(users: readonly HighLevelUser[]): Map<string, HostReading> {
  return new Map(users.map((user) => [user.id, { email: user.email || null, name: readName(user) }]));
}

function readName({ name, firstName, lastName }: HighLevelUser): string | null {
  return name || [firstName, lastName].filter(Boolean).join(" ") || null;
}
