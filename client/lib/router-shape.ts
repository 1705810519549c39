import { initTRPC, tracked } from "@trpc/server";
import * as z from "zod/mini";
import type { Role } from "#server/db/generated/enums.ts";

// Stands in for the server's router type until that file exists; only its type is ever imported.
const t = initTRPC.create({
  errorFormatter: ({ shape }) => ({
    ...shape,
    data: { ...shape.data, appCode: "" as string, details: undefined as unknown },
  }),
});

type LiveEvent = {
  kind: "task" | "mismatch" | "run" | "connection" | "lead" | "ping";
  workspaceId: string;
  ids?: string[];
  at: string;
  serverNow?: string;
};

const router = t.router({
  session: t.router({
    me: t.procedure.query(() => ({
      user: { id: "", name: "", email: "", role: "" as "admin" | "user" },
      memberships: [] as { workspaceId: string; slug: string; name: string; role: Role }[],
      demo: false as boolean,
      serverNow: "",
    })),
  }),
  live: t.router({
    events: t.procedure
      .input(z.object({ workspace: z.string(), lastEventId: z.optional(z.string()) }))
      .subscription(async function* () {
        yield tracked("1", {} as LiveEvent);
      }),
  }),
  leads: t.router({
    search: t.procedure
      .input(z.object({ workspace: z.string(), q: z.string() }))
      .query(() => [] as { id: string; name: string; email: string; company: string | null }[]),
  }),
});

export type AppRouter = typeof router;
