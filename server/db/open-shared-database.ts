import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#server/lib/errors.ts";
import type { Log } from "#server/lib/log.ts";
import { createDb } from "./client.ts";
import { type Database, embeddedFolder, openDatabase } from "./open-database.ts";

/**
 * For tools that run beside the server: the database of `databaseUrl`, or the embedded one of the data folder, whether
 * a server has it running at this moment or it has to be started for as long as the tool takes.
 */
export async function openSharedDatabase(
  config: { databaseUrl: string | null; dataDir: string },
  log: Log,
): Promise<Database> {
  try {
    return await openDatabase(config, log);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "data_folder_in_use") throw error;
    const url = await readRunningAddress(embeddedFolder(config.dataDir));
    const db = createDb(url, { max: 2 });
    return { db, url, close: () => db.$disconnect() };
  }
}

/** The server that has the embedded database running keeps its port and password beside it. */
async function readRunningAddress(folder: string): Promise<string> {
  const read = async (name: string) => (await readFile(join(folder, name), "utf8")).trim();
  try {
    return `postgresql://postgres:${await read("password")}@127.0.0.1:${await read("port")}/bookproof`;
  } catch (cause) {
    throw new AppError("data_folder", `The database in ${folder} cannot be read by this user.`, { cause });
  }
}
