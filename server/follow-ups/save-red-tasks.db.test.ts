import { expect, it } from "vitest";
import { runTransaction } from "#server/db/run-transaction.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildLead, buildTask, TEST_NOW } from "#server/testing/factories.ts";
import { type RedTaskEffect, saveRedTasks } from "./save-red-tasks.ts";

const database = setUpTestDatabase();

it("leaves a lead one open task for lost meetings and one for moved ones, whoever writes (R15, R16)", async () => {
  const { db } = database;
  const { id: leadId, workspaceId } = await buildLead(db);
  const open = (type: "meeting_canceled" | "meeting_no_show" | "meeting_rescheduled"): RedTaskEffect => ({
    effect: "open_task",
    leadId,
    type,
    lines: [],
  });
  const effects = [open("meeting_canceled"), open("meeting_no_show"), open("meeting_rescheduled")];
  const save = () =>
    runTransaction(db, "test", (tx) => saveRedTasks(tx, { workspaceId, now: TEST_NOW }, effects));
  expect((await save()).created).toHaveLength(2);
  expect((await save()).created).toEqual([]);

  const taken = { code: "P2002" };
  for (const status of ["pending", "snoozed"] as const) {
    await expect(buildTask(db, { leadId, type: "meeting_no_show", status })).rejects.toMatchObject(taken);
    await expect(buildTask(db, { leadId, type: "meeting_rescheduled", status })).rejects.toMatchObject(taken);
  }
  await db.task.updateMany({ where: { leadId }, data: { status: "completed", closedAt: TEST_NOW } });
  await buildTask(db, { leadId, type: "meeting_no_show" });
  expect(await db.task.count({ where: { leadId } })).toBe(3);
});
