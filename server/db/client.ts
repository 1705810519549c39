import { PrismaPg } from "@prisma/adapter-pg";
import { type Prisma, PrismaClient } from "./generated/client.ts";
import { poolConfig } from "./session.ts";

export type Db = PrismaClient;
/** A client bound to one running transaction; see `runTransaction`. */
export type Tx = Prisma.TransactionClient;

/** Connects on first use. `max` is the size of this process's pool; `$disconnect()` closes it. */
export function createDb(url: string, options: { max?: number; name?: string } = {}): Db {
  return new PrismaClient({ adapter: new PrismaPg(poolConfig(url, options)), errorFormat: "minimal" });
}
