import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { admin } from "better-auth/plugins";
import type { Db } from "#server/db/client.ts";

/** Set by our own middleware from the socket or a trusted proxy; whatever a stranger sends under it is dropped. */
export const CLIENT_ADDRESS_HEADER = "x-bookproof-client";

/** Sessions, passwords and the sign-in limiter; roles inside workspaces are ours (permissions.ts). */
export function createAuth(options: {
  db: Db;
  appSecret: string;
  baseUrl: string;
  trustedOrigins: string[];
}) {
  return betterAuth({
    appName: "Bookproof",
    baseURL: options.baseUrl,
    basePath: "/api/auth",
    secret: options.appSecret,
    trustedOrigins: options.trustedOrigins,
    telemetry: { enabled: false },
    database: prismaAdapter(options.db, { provider: "postgresql" }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10 },
    user: { additionalFields: { timezone: { type: "string", required: false, input: true } } },
    session: { expiresIn: 14 * 24 * 60 * 60, updateAge: 24 * 60 * 60 },
    plugins: [admin({ defaultRole: "user", adminRoles: ["admin"] })],
    rateLimit: {
      enabled: true,
      storage: "database",
      window: 60,
      max: 300,
      // An office shares one address: tight enough against guessing, wide enough for a shift change.
      customRules: { "/sign-in/email": { window: 60, max: 30 } },
    },
    advanced: {
      cookiePrefix: "bookproof",
      useSecureCookies: options.baseUrl.startsWith("https:"),
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    logger: { disabled: true },
  });
}

export type Auth = ReturnType<typeof createAuth>;
