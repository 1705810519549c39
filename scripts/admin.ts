import { parseArgs } from "node:util";
import { readAppSecret } from "#server/app-secret.ts";
import { SYSTEM } from "#server/audit/actor.ts";
import { createApiKey } from "#server/auth/api-keys.ts";
import { createAuth } from "#server/auth/auth.ts";
import { createUser, setPassword } from "#server/auth/create-user.ts";
import { readConfig } from "#server/config.ts";
import type { Db } from "#server/db/client.ts";
import { Role } from "#server/db/generated/enums.ts";
import { systemClock } from "#server/lib/clock.ts";
import { AppError } from "#server/lib/errors.ts";
import { createLog } from "#server/lib/log.ts";
import { createToken, deriveKey } from "#server/lib/secrets.ts";
import { openInstallation } from "./open-installation.ts";

const USAGE = `npm run admin -- <command>

  create-user <email>   --name "Dana Ruiz" --role admin
                        --name "Dana Ruiz" --role owner|ops_lead|inbox_manager|setter --workspace <name in addresses>
  set-password <email>  for somebody who was invited, or has forgotten theirs
  create-key            --workspace <name in addresses> --name "CRM"

  --password <text>     otherwise one is made up and shown
  --data-dir <folder>   of the embedded database (DATA_DIR); the demo's is .data/demo`;

const options = {
  name: { type: "string" },
  role: { type: "string" },
  workspace: { type: "string" },
  password: { type: "string" },
  "data-dir": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Command = { auth: ReturnType<typeof createAuth>; db: Db; email: string; values: Values };
type Values = { name?: string; role?: string; workspace?: string; password?: string; "data-dir"?: string };

const COMMANDS: Record<string, (command: Command) => Promise<string>> = {
  "create-user": createOperator,
  "set-password": async (command) => {
    const { password, shown } = choosePassword(command.values);
    await setPassword(command, { email: command.email, password });
    return `${command.email} signs in anew${shown}. Earlier sessions are over.`;
  },
  "create-key": async ({ db, values }) => {
    const { id, slug } = await findWorkspace(db, values.workspace);
    const name = values.name ?? "Integration";
    const { key } = await createApiKey({ db, clock: systemClock }, SYSTEM, { workspaceId: id, name });
    return `A key for ${slug}, shown once:\n\n  ${key}`;
  },
};

async function createOperator({ auth, db, email, values }: Command): Promise<string> {
  const { role = "", name = email.split("@")[0] ?? email } = values;
  const { password, shown } = choosePassword(values);
  if (role === "admin") {
    await createUser({ auth, db }, { email, name, password, role });
    return `${email} is an administrator of this instance${shown}.`;
  }
  if (!isRole(role)) throw new AppError("usage", `--role is admin, ${Object.values(Role).join(", ")}.`);
  const workspace = await findWorkspace(db, values.workspace);
  const { id } = await createUser({ auth, db }, { email, name, password, role: "user" });
  await db.membership.create({ data: { workspaceId: workspace.id, userId: id, role } });
  return `${email} is ${role.replace("_", " ")} of ${workspace.slug}${shown}.`;
}

function choosePassword({ password }: Values): { password: string; shown: string } {
  if (password !== undefined) return { password, shown: "" };
  const made = createToken(12);
  return { password: made, shown: ` with the password ${made}` };
}

async function findWorkspace(db: Db, slug: string | undefined) {
  if (!slug) throw new AppError("usage", "--workspace names the workspace, as its address does.");
  const workspace = await db.workspace.findUnique({ where: { slug } });
  if (!workspace) throw new AppError("not_found", `There is no workspace ${slug}.`);
  return workspace;
}

function isRole(text: string): text is Role {
  return Object.hasOwn(Role, text);
}

async function runCommand(name: string, email: string, values: Values): Promise<string> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new AppError("usage", `There is no command ${name}.\n\n${USAGE}`);
  if (name !== "create-key" && !email.includes("@")) {
    throw new AppError("usage", `${name} needs an e-mail address.\n\n${USAGE}`);
  }
  const dataDir = values["data-dir"];
  const config = readConfig({
    LOG_LEVEL: "error",
    ...process.env,
    ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }),
  });
  const { deps, close } = await openInstallation(config, createLog(config.logLevel));
  try {
    const { db } = deps;
    const appSecret = deriveKey(await readAppSecret(config), "sign-in").toString("base64url");
    const auth = createAuth({ db, appSecret, baseUrl: "http://localhost", trustedOrigins: [] });
    return await command({ auth, db, email, values });
  } finally {
    await close();
  }
}

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { help, ...given } = values;
  const [name, email = ""] = positionals;
  console.log(help || !name ? USAGE : await runCommand(name, email, given));
} catch (error) {
  console.error(
    error instanceof Error && !(error instanceof AppError)
      ? `${error.message}\n\n${USAGE}`
      : String((error as AppError).message),
  );
  process.exitCode = 1;
}
