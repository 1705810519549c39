import { createHash } from "node:crypto";
import { chown, lstat, mkdir, readlink, realpath, rmdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "#server/lib/errors.ts";
import { canEnter, findPostgresOsUser, type OsUser } from "./postgres-os-user.ts";

/** Where root keeps a database whose data folder the database's own account cannot enter. */
const FALLBACK_FOLDER = "/var/lib/bookproof";

export type ClusterFolder = {
  /** Real path of the folder with `cluster/`, `password`, `port` and the log. */
  root: string;
  /** PostgreSQL's own data folder inside it. */
  cluster: string;
  osUser: OsUser | null;
};

/**
 * Makes `dataDir` ready to hold a cluster. As root, in a checkout under a closed home folder, the
 * database's account could not enter it: then `dataDir` becomes a link to a folder that it can enter.
 */
export async function prepareClusterFolder(dataDir: string): Promise<ClusterFolder> {
  try {
    await mkdir(dirname(dataDir), { recursive: true, mode: 0o711 });
    const link = await readlink(dataDir).catch(() => null);
    if (link) await mkdir(link, { recursive: true, mode: 0o711 });
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
  } catch (cause) {
    throw folderError(dataDir, cause);
  }
  let root = await realpath(dataDir);
  const osUser = await findPostgresOsUser(join(root, "cluster"));
  if (osUser && !canEnter(osUser, dirname(root))) root = await moveWithinReach(dataDir, root, osUser);
  if (osUser) {
    await chown(root, osUser.uid, osUser.gid).catch((cause) => {
      throw folderError(dataDir, cause);
    });
  }
  return { root, cluster: join(root, "cluster"), osUser };
}

async function moveWithinReach(dataDir: string, root: string, osUser: OsUser): Promise<string> {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const target = join(FALLBACK_FOLDER, name);
  try {
    if ((await lstat(join(root, "cluster")).catch(() => null)) === null) {
      await mkdir(target, { recursive: true, mode: 0o711 });
      if (canEnter(osUser, FALLBACK_FOLDER)) {
        await rmdir(root);
        await symlink(target, dataDir);
        return target;
      }
    }
  } catch (cause) {
    throw folderError(dataDir, cause);
  }
  throw new AppError(
    "data_folder",
    `The database runs as uid ${osUser.uid}, which cannot enter ${dirname(root)}: run \`chmod a+x\` on the closed folders above it, or point DATA_DIR elsewhere.`,
  );
}

function folderError(dataDir: string, cause: unknown): AppError {
  return new AppError(
    "data_folder",
    `The data folder ${dataDir} cannot be written: make it writable for the user that starts Bookproof, or point DATA_DIR elsewhere.`,
    { cause },
  );
}
