import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { withUtcSession } from "./session.ts";

/**
 * Runs `use` with Prisma's own migration engine, as WebAssembly: the same code as its command line, without
 * a program to download.
 */
export async function withSchemaEngine<T>(
  url: string,
  schemaFile: string,
  use: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> {
  await loadBindings();
  // No statement time-out: a migration of a large table takes as long as it takes.
  const pool = new pg.Pool({
    connectionString: withUtcSession(url),
    max: 2,
    application_name: "bookproof migrate",
  });
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
    const datamodels: [string, string][] = [[schemaFile, await readFile(schemaFile, "utf8")]];
    const engine = await bindings.SchemaEngine.new({ datamodels }, () => {}, factory);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } finally {
    // The engine leaves a session lock behind that would keep the next migration waiting for ten seconds.
    await pool.end();
  }
}

let loading: Promise<void> | undefined;

function loadBindings(): Promise<void> {
  loading ??= instantiate();
  return loading;
}

/** By hand, since the package's entry imports the .wasm file as a module, which only bundlers understand. */
async function instantiate(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const bytes = await readFile(join(dirname(entry), "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, {
    "./schema_engine_bg.js": { ...bindings, ...unreferencedTimers() },
  });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
}

/** The engine's ten-second lock timer is never cleared and would keep a finished process alive for as long. */
function unreferencedTimers(): WebAssembly.ModuleImports {
  const name = Object.keys(bindings).find((key) => key.startsWith("__wbg_setTimeout"));
  return name ? { [name]: (callback: () => void, ms: number) => setTimeout(callback, ms).unref() } : {};
}
