import { AppError } from "#server/lib/errors.ts";

type AdapterCause = { kind?: string; originalCode?: string };

/** Prisma says why in three ways: from its own queries, from raw SQL, and from COMMIT. */
type PrismaFault = Error & {
  code?: string;
  cause?: AdapterCause;
  meta?: { driverAdapterError?: { cause?: AdapterCause } };
};

/** PostgreSQL took back the whole transaction (40001, 40P01): running it again may succeed. */
export function isTransactionConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause, meta } = error as PrismaFault; // any Error, read by fields it may have
  const kinds = [cause?.kind, meta?.driverAdapterError?.cause?.kind];
  return code === "P2034" || kinds.includes("TransactionWriteConflict");
}

const AWAY_KINDS = new Set([
  "DatabaseNotReachable",
  "ConnectionClosed",
  "TooManyConnections",
  "SocketTimeout",
]);
/** Not reachable, timed out, closed, pool used up, too many connections. */
const AWAY_CODES = new Set(["P1001", "P1002", "P1017", "P2024", "P2037", "ECONNREFUSED", "ECONNRESET"]);
/** Connection exceptions, shut down by an administrator or a crash, starting up, too many connections. */
const AWAY_SQL_STATES = /^(08...|57P01|57P02|57P03|53300)$/;
/** The driver and the engine have no code for these. */
const AWAY_SENTENCES =
  /connection error and is not queryable|Connection terminated|Unable to start a transaction in the given time/;

/** The database restarts, refuses connections or has none left, or this process's pool has none: it passes by itself. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause, meta, message } = error as PrismaFault; // as above
  const adapter = meta?.driverAdapterError?.cause ?? cause;
  return (
    AWAY_CODES.has(code ?? "") ||
    AWAY_KINDS.has(adapter?.kind ?? "") ||
    AWAY_SQL_STATES.test(adapter?.originalCode ?? code ?? "") ||
    AWAY_SENTENCES.test(message)
  );
}

/** What is answered meanwhile. Whoever was writing cannot be told whether it still happened. */
export function databaseAway(cause: unknown): AppError {
  return new AppError("database_busy", "The database does not answer. Try again in a moment.", {
    status: 503,
    cause,
  });
}
