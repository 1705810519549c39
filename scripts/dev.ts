import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

// The demo, restarted on every change of a server file, and Vite's own server with hot reload before it.
// Open the address that Vite prints; it hands /api on to the demo's PORT.
const root = join(import.meta.dirname, "..");
const vite = join(root, "node_modules", "vite", "bin", "vite.js");
const watched = ["server", "sandbox", "prisma", "scripts"].map(
  (folder) => `--watch-path=${join(root, folder)}`,
);

const children: ChildProcess[] = [
  start([...watched, "--watch-preserve-output", join(root, "scripts", "demo.ts"), ...process.argv.slice(2)]),
  start([vite]),
];

function start(args: string[]): ChildProcess {
  const env = { ...process.env, TRUSTED_ORIGINS: "http://localhost:5173", FORCE_COLOR: "1" };
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env });
  // Either alone is of no use.
  child.once("exit", stopAll);
  return child;
}

function stopAll(): void {
  for (const child of children) if (child.exitCode === null) child.kill("SIGTERM");
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stopAll);
