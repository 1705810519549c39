import { spawnSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { AppError } from "#server/lib/errors.ts";

/** An operating system account to run PostgreSQL as; null means "as ourselves". */
export type OsUser = { uid: number; gid: number };

const USER_NAME = "postgres";

/**
 * PostgreSQL refuses to run as root, so root runs it as the owner of an existing cluster, else as the
 * account `postgres`, made when missing. Anybody else runs it as oneself, and no account is made.
 */
export async function findPostgresOsUser(clusterFolder: string): Promise<OsUser | null> {
  const owner = await stat(clusterFolder).catch(() => null);
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  if (uid !== 0) {
    if (owner && owner.uid !== uid) {
      throw new AppError(
        "data_folder",
        `The database in ${clusterFolder} belongs to another user of this machine (uid ${owner.uid}): start as that user or as root, or point DATA_DIR elsewhere.`,
      );
    }
    return null;
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return lookUpUser() ?? createUser();
}

function lookUpUser(): OsUser | null {
  const ids = ["-u", "-g"].map((flag) => spawnSync("id", [flag, USER_NAME], { encoding: "utf8" }));
  if (ids.some((id) => id.status !== 0)) return null;
  const [uid = 0, gid = 0] = ids.map((id) => Number(id.stdout.trim()));
  return { uid, gid };
}

function createUser(): OsUser {
  const group = spawnSync("getent", ["group", USER_NAME]).status === 0 ? ["-g", USER_NAME] : ["-U"];
  spawnSync("useradd", ["--system", "--no-create-home", "--shell", "/bin/false", ...group, USER_NAME]);
  const user = lookUpUser();
  if (user) return user;
  throw new AppError(
    "embedded_postgres",
    `The embedded database cannot run as root and the account "${USER_NAME}" could not be created: create it, start as an ordinary user, or set DATABASE_URL.`,
  );
}

/** Asks the system rather than computing from modes, since access lists and mounts count too. */
export function canEnter(osUser: OsUser, folder: string): boolean {
  return ask(osUser, 'cd -- "$1"', folder);
}

export function canRead(osUser: OsUser, file: string): boolean {
  return ask(osUser, 'test -r "$1"', file);
}

function ask(osUser: OsUser, script: string, path: string): boolean {
  return spawnSync("/bin/sh", ["-c", script, "sh", path], { ...osUser, cwd: "/" }).status === 0;
}
