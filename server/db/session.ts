import type { PoolConfig } from "pg";

/** Longer than any transaction may take; work that needs more than this belongs in pages. */
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * The address with `timezone=UTC` forced onto every session. The Prisma adapter drops the offset of the
 * times it reads, so in a session of any other zone (a server's, a database's, a role's default) they
 * would come back shifted.
 */
export function withUtcSession(url: string): string {
  const address = new URL(url);
  const given = address.searchParams.get("options");
  // The last setting wins, so ours follows whatever the address brings along.
  address.searchParams.set("options", [given, "-c timezone=UTC"].filter(Boolean).join(" "));
  return address.href;
}

/** Settings for every pool of ours on this database. */
export function poolConfig(url: string, options: { max?: number; name?: string } = {}): PoolConfig {
  return {
    connectionString: withUtcSession(url),
    application_name: options.name ?? "bookproof",
    max: options.max ?? 10,
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  };
}
