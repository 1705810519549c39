import { beforeAll, describe, expect, it } from "vitest";
import type { SignedInUser } from "#server/auth/load-access.ts";
import { createBackfillDeps, dayFromNow } from "#server/backfills/testing/backfill-world.ts";
import type { Role } from "#server/db/generated/enums.ts";
import type { Deps } from "#server/deps.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildMembership, buildUser, buildWorkspace } from "#server/testing/factories.ts";
import { appRouter } from "./router.ts";

const database = setUpTestDatabase();
let harbor: { id: string; slug: string };
let lumen: { id: string; slug: string };

beforeAll(async () => {
  harbor = await buildWorkspace(database.db);
  lumen = await buildWorkspace(database.db);
});

/** Somebody with a role in Harbor and nowhere else. */
async function signIn(role: Role | "admin") {
  const row = await buildUser(database.db);
  if (role !== "admin") {
    await buildMembership(database.db, { workspaceId: harbor.id, userId: row.id, role });
  }
  const user: SignedInUser = { ...row, isAdmin: role === "admin", timezone: null };
  // Nothing here calls a provider: these are the parts of `Deps` that backfills use.
  const deps = createBackfillDeps(database.db, "http://127.0.0.1:9") as unknown as Deps;
  return appRouter.createCaller({ deps, user }).backfills;
}

function buildRun(workspaceIds: string[]) {
  const [only, ...others] = workspaceIds;
  return database.db.backfill.create({
    data: {
      workspaceId: only && others.length === 0 ? only : null,
      workspaceIds,
      providers: ["calendly"],
      from: dayFromNow(-30),
      to: dayFromNow(0),
      estimate: {},
      stateSince: new Date(),
      createdAt: new Date(),
    },
  });
}

const code = (word: string) => ({ cause: expect.objectContaining({ code: word }) });

describe("who may see and run backfills (R42)", () => {
  it.each(["setter", "inbox_manager"] as const)("shows them to no %s", async (role) => {
    const caller = await signIn(role);
    await expect(caller.list({ workspace: harbor.slug })).rejects.toMatchObject(code("forbidden"));
  });

  it("shows an ops lead the workspace's runs and lets them start or stop none", async () => {
    const run = await buildRun([harbor.id]);
    const caller = await signIn("ops_lead");
    const { rows } = await caller.list({ workspace: harbor.slug });
    expect(rows.map(({ id }) => id)).toContain(run.id);
    await expect(caller.cancel({ workspace: harbor.slug, id: run.id })).rejects.toMatchObject(
      code("forbidden"),
    );
    await expect(
      caller.start({ workspace: harbor.slug, providers: ["calendly"], from: "2026-01-01", to: "2026-02-01" }),
    ).rejects.toMatchObject(code("forbidden"));
  });

  it("answers an owner's question about another workspace as not found", async () => {
    const foreign = await buildRun([lumen.id]);
    const caller = await signIn("owner");
    await expect(caller.list({ workspace: lumen.slug })).rejects.toMatchObject(code("not_found"));
    await expect(caller.list({ workspace: "all" })).rejects.toMatchObject(code("not_found"));
    for (const ask of [
      caller.get,
      caller.log,
      caller.pause,
      caller.resume,
      caller.cancel,
      caller.retryFailed,
    ]) {
      await expect(ask({ workspace: harbor.slug, id: foreign.id })).rejects.toMatchObject(code("not_found"));
    }
  });

  it("keeps a run over several workspaces to admins", async () => {
    const both = await buildRun([harbor.id, lumen.id]);
    const owner = await signIn("owner");
    const seen = await owner.list({ workspace: harbor.slug });
    expect(seen.rows.map(({ id }) => id)).not.toContain(both.id);
    await expect(owner.get({ workspace: harbor.slug, id: both.id })).rejects.toMatchObject(code("not_found"));

    const admin = await signIn("admin");
    for (const workspace of ["all", harbor.slug, lumen.slug]) {
      expect(await admin.get({ workspace, id: both.id })).toMatchObject({ number: both.number });
    }
  });

  it("lets an owner pause, resume and cancel a run of their own", async () => {
    const run = await buildRun([harbor.id]);
    const owner = await signIn("owner");
    const call = { workspace: harbor.slug, id: run.id };
    expect(await owner.pause(call)).toMatchObject({ state: "paused" });
    expect(await owner.resume(call)).toMatchObject({ state: "queued" });
    expect(await owner.running({ workspace: harbor.slug })).toContainEqual(
      expect.objectContaining({ id: run.id, number: run.number }),
    );
    expect(await owner.cancel(call)).toMatchObject({ state: "canceled" });
    await expect(owner.resume(call)).rejects.toMatchObject(code("backfill_canceled"));
    const audit = await database.db.auditEntry.findMany({
      where: { subjectId: run.id },
      orderBy: { id: "asc" },
      select: { verb: true, workspaceId: true },
    });
    expect(audit.map(({ verb }) => verb)).toEqual([
      "backfill_paused",
      "backfill_resumed",
      "backfill_canceled",
    ]);
  });

  it("starts a run of the workspace in the address, whatever ids come along", async () => {
    const owner = await signIn("owner");
    const range = { providers: ["calendly" as const], from: "2026-01-01", to: "2026-02-01" };
    await expect(
      owner.start({ workspace: harbor.slug, ...range, workspaceIds: [lumen.id] }),
    ).rejects.toMatchObject(code("no_connection"));
    expect(
      await database.db.backfill.count({ where: { workspaceId: lumen.id, from: new Date("2026-01-01") } }),
    ).toBe(0);
  });

  it("refuses a range that ends before it begins", async () => {
    const owner = await signIn("owner");
    await expect(
      owner.estimate({
        workspace: harbor.slug,
        providers: ["calendly"],
        from: "2026-02-01",
        to: "2026-02-01",
      }),
    ).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});

it("refuses a text that no database keeps, in any procedure", async () => {
  const caller = await signIn("owner");
  const refused = caller.list({ workspace: `${harbor.slug}\u0000` });
  await expect(refused).rejects.toMatchObject(code("bad_request"));
});
