import { join } from "node:path";
import { startSandbox } from "./start-sandbox.ts";

const port = Number(process.env.SANDBOX_PORT ?? 4010);
const dataDir = process.env.DATA_DIR ?? ".data";

try {
  const sandbox = await startSandbox({
    port,
    worldFile: join(dataDir, "sandbox-world.json"),
    firstWorld: process.env.SANDBOX_WORLD === "empty" ? "empty" : "demo",
    log: (message, facts) => console.log(JSON.stringify({ message, ...facts })),
  });
  console.log(`Sandbox: ${sandbox.url}/calendly, ${sandbox.url}/highlevel, ${sandbox.url}/control`);
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    await sandbox.close();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
} catch (error) {
  const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  if (!isTaken) throw error;
  console.error(`Port ${port} is taken: set SANDBOX_PORT to a free one.`);
  process.exit(1);
}
