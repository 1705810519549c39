import { isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import { SECOND_MS } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { readPublicKeys } from "#server/providers/highlevel/signature.ts";

/** An empty variable counts as a missing one: that is what a line without a value in an .env file means. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
const withDefault = <T extends z.ZodType>(schema: T, fallback: z.input<T>) =>
  z.preprocess((value) => (value === "" || value === undefined ? fallback : value), schema);

const port = z.coerce.number("must be a port number").int().min(0).max(65_535);
const days = z.coerce.number("must be a number of days").int().min(1).max(3_650);
const count = z.coerce.number("must be a number").int().min(1).max(100_000);
const seconds = z.coerce.number("must be a number of seconds").int().min(1).max(86_400);
const secret = (length: number) => z.string().min(length, `must have at least ${length} characters`);
const webAddress = z.url({ protocol: /^https?$/, error: "must be an http(s) address" });
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) =>
      String(value ?? "")
        .split(/[\s,]+/)
        .filter(Boolean),
    z.array(item),
  );

const environment = z
  .object({
    PORT: withDefault(port, "4000"),
    HOST: withDefault(z.string(), "127.0.0.1"),
    PUBLIC_URL: optional(webAddress),
    TRUSTED_ORIGINS: list(webAddress),
    TRUSTED_PROXIES: list(
      z.string().refine(isAddressRange, "must hold IP addresses or ranges such as 10.0.0.0/8"),
    ),
    DATABASE_URL: optional(
      z.url({
        protocol: /^postgres(ql)?$/,
        error: "must be an address such as postgresql://user:password@host/database",
      }),
    ),
    DATA_DIR: withDefault(z.string(), ".data"),
    PROCESS_ROLE: withDefault(z.enum(["all", "web", "worker"], "must be all, web or worker"), "all"),
    APP_SECRET: optional(secret(32)),
    CRON_SECRET: optional(secret(16)),
    ADMIN_API_KEY: optional(secret(16)),
    CALENDLY_API_URL: withDefault(webAddress, "https://api.calendly.com"),
    CALENDLY_AUTH_URL: withDefault(webAddress, "https://auth.calendly.com"),
    HIGHLEVEL_API_URL: withDefault(webAddress, "https://services.leadconnectorhq.com"),
    HIGHLEVEL_WEBHOOK_PUBLIC_KEY: optional(
      z.string().refine(areEd25519Keys, "must be an Ed25519 public key (SPKI, in base64 or PEM)"),
    ),
    CALENDLY_WEBHOOK_TOLERANCE_SECONDS: withDefault(seconds, "180"),
    LOG_LEVEL: withDefault(
      z.enum(
        ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
        "must be a log level such as info",
      ),
      "info",
    ),
    RECONCILE_WORKSPACE_LIMIT: withDefault(count, "10"),
    RECONCILE_LEADS_PER_WORKSPACE: withDefault(count, "50"),
    RECONCILE_LOOKBACK_DAYS: withDefault(days, "90"),
    RECONCILE_LOOKAHEAD_DAYS: withDefault(days, "90"),
    SANDBOX_PORT: withDefault(port, "4010"),
  })
  .superRefine((env, context) => {
    const fault = (name: string, message: string) =>
      context.addIssue({ code: "custom", path: [name], message });
    if (env.DATABASE_URL && !env.APP_SECRET) {
      fault("APP_SECRET", "is required with DATABASE_URL (make one with: openssl rand -base64 48)");
    }
    if (!env.DATABASE_URL && env.PROCESS_ROLE !== "all") {
      fault(
        "DATABASE_URL",
        `is required with PROCESS_ROLE=${env.PROCESS_ROLE}: the embedded database serves one process`,
      );
    }
  });

export type Config = ReturnType<typeof readConfig>;

/**
 * The only reader of the environment. Throws one AppError that lists every bad variable, by name and never
 * by value, since a value may be a secret.
 */
export function readConfig(variables: Record<string, string | undefined> = process.env) {
  const parsed = environment.safeParse(variables, { reportInput: false });
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${String(issue.path[0])} ${issue.message}`);
    throw new AppError("bad_config", ["These settings need another value:", ...new Set(lines)].join("\n"));
  }
  const env = parsed.data;
  return {
    port: env.PORT,
    host: env.HOST,
    /** Null: the address that the server happens to listen on. */
    publicUrl: env.PUBLIC_URL ?? null,
    trustedOrigins: env.TRUSTED_ORIGINS,
    trustedProxies: env.TRUSTED_PROXIES,
    /** Null: the embedded database in `dataDir`. */
    databaseUrl: env.DATABASE_URL ?? null,
    dataDir: resolve(env.DATA_DIR),
    processRole: env.PROCESS_ROLE,
    /** Null only with the embedded database, whose secret lives in `dataDir`. */
    appSecret: env.APP_SECRET ?? null,
    cronSecret: env.CRON_SECRET ?? null,
    adminApiKey: env.ADMIN_API_KEY ?? null,
    calendlyApiUrl: env.CALENDLY_API_URL,
    calendlyAuthUrl: env.CALENDLY_AUTH_URL,
    highlevelApiUrl: env.HIGHLEVEL_API_URL,
    highlevelWebhookPublicKey: env.HIGHLEVEL_WEBHOOK_PUBLIC_KEY ?? null,
    calendlyWebhookToleranceMs: env.CALENDLY_WEBHOOK_TOLERANCE_SECONDS * SECOND_MS,
    logLevel: env.LOG_LEVEL,
    reconcileWorkspaceLimit: env.RECONCILE_WORKSPACE_LIMIT,
    reconcileLeadsPerWorkspace: env.RECONCILE_LEADS_PER_WORKSPACE,
    reconcileLookbackDays: env.RECONCILE_LOOKBACK_DAYS,
    reconcileLookaheadDays: env.RECONCILE_LOOKAHEAD_DAYS,
    sandboxPort: env.SANDBOX_PORT,
    /** Known sign-ins and the sandbox behind the providers; only `npm run demo` turns it on. */
    demo: false,
  };
}

/** Several may stand with commas in between; one that cannot be read would refuse deliveries in silence. */
function areEd25519Keys(text: string): boolean {
  return readPublicKeys(text).length === text.split(",").length;
}

function isAddressRange(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
