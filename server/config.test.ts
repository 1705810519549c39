import { generateKeyPairSync } from "node:crypto";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

function faultsOf(variables: Record<string, string>): string {
  try {
    readConfig(variables);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test("needs no variable at all: embedded database, loopback, real providers", () => {
  expect(readConfig({})).toMatchObject({
    port: 4000,
    host: "127.0.0.1",
    databaseUrl: null,
    appSecret: null,
    dataDir: resolve(".data"),
    processRole: "all",
    calendlyApiUrl: "https://api.calendly.com",
    trustedOrigins: [],
    demo: false,
    // R9 and R30.
    reconcileLookbackDays: 90,
    reconcileLookaheadDays: 90,
    reconcileWorkspaceLimit: 10,
    reconcileLeadsPerWorkspace: 50,
    // R34.
    calendlyWebhookToleranceMs: 180_000,
  });
});

test("takes an empty variable for a missing one", () => {
  expect(
    readConfig({ PORT: "", DATABASE_URL: "", APP_SECRET: "", LOG_LEVEL: "", TRUSTED_PROXIES: "" }),
  ).toEqual(readConfig({}));
});

test("lists every fault at once, by name", () => {
  const message = faultsOf({
    PORT: "many",
    LOG_LEVEL: "loud",
    DATABASE_URL: "mysql://root:hunter2@db",
    CRON_SECRET: "short",
    TRUSTED_PROXIES: "10.0.0.0/8, somewhere",
    PUBLIC_URL: "bookproof",
    HIGHLEVEL_WEBHOOK_PUBLIC_KEY: "not a key",
  });
  for (const name of [
    "PORT",
    "LOG_LEVEL",
    "DATABASE_URL",
    "CRON_SECRET",
    "TRUSTED_PROXIES",
    "PUBLIC_URL",
    "HIGHLEVEL_WEBHOOK_PUBLIC_KEY",
  ]) {
    expect(message).toContain(`  ${name} must`);
  }
});

test("never repeats a value, since it may be a secret", () => {
  const message = faultsOf({
    DATABASE_URL: "mysql://root:hunter2@db",
    APP_SECRET: "sesame",
    CRON_SECRET: "abc123",
  });
  expect(message).not.toMatch(/hunter2|sesame|abc123/);
});

describe("the key of HighLevel's marketplace", () => {
  const make = (type: "ed25519" | "x25519") => {
    // A call for each: the types know no pair of either kind.
    const { publicKey } = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
    return {
      pem: publicKey.export({ format: "pem", type: "spki" }).toString(),
      base64: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
    };
  };

  test.each<[string, string]>([
    ["in base64", make("ed25519").base64],
    ["as PEM", make("ed25519").pem],
    ["two while it changes", `${make("ed25519").base64}, ${make("ed25519").base64}`],
  ])("is taken %s", (_sentence, key) => {
    expect(readConfig({ HIGHLEVEL_WEBHOOK_PUBLIC_KEY: key }).highlevelWebhookPublicKey).toBe(key);
  });

  test.each<[string, string]>([
    ["cut short", make("ed25519").base64.slice(0, -8)],
    ["of another kind", make("x25519").base64],
    ["one of two unreadable", `${make("ed25519").base64},oops`],
  ])("is refused %s, before anything starts", (_sentence, key) => {
    expect(faultsOf({ HIGHLEVEL_WEBHOOK_PUBLIC_KEY: key })).toContain(
      "HIGHLEVEL_WEBHOOK_PUBLIC_KEY must be an Ed25519 public key",
    );
  });
});

describe("rules between variables", () => {
  const databaseUrl = "postgresql://bookproof:pw@db.internal:5432/bookproof";
  const secret = "0123456789abcdef0123456789abcdef";

  test.each([
    [
      "a foreign database needs APP_SECRET",
      { DATABASE_URL: databaseUrl },
      "APP_SECRET is required with DATABASE_URL",
    ],
    [
      "a web process needs DATABASE_URL",
      { PROCESS_ROLE: "web" },
      "DATABASE_URL is required with PROCESS_ROLE=web",
    ],
    [
      "a worker needs DATABASE_URL",
      { PROCESS_ROLE: "worker" },
      "DATABASE_URL is required with PROCESS_ROLE=worker",
    ],
    [
      "a worker with both is fine",
      { DATABASE_URL: databaseUrl, APP_SECRET: secret, PROCESS_ROLE: "worker" },
      "",
    ],
  ])("%s", (_, variables, expected) => {
    const message = faultsOf(variables);
    if (expected === "") expect(message).toBe("");
    else expect(message).toContain(expected);
  });
});

test("reads lists separated by commas or spaces", () => {
  const config = readConfig({
    TRUSTED_ORIGINS: "https://a.example, https://b.example",
    TRUSTED_PROXIES: "10.0.0.0/8 192.168.1.1 ::1",
  });
  expect(config.trustedOrigins).toEqual(["https://a.example", "https://b.example"]);
  expect(config.trustedProxies).toEqual(["10.0.0.0/8", "192.168.1.1", "::1"]);
});
