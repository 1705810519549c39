import type { Request, RequestHandler } from "express";
import type { Deps } from "#server/deps.ts";
import { type Answer, answerOnce } from "./answer-once.ts";

type Options<C> = {
  /** Who calls, as the router found out; undefined where the secret alone is the caller. */
  callerOf: (locals: Record<string, unknown>) => C;
  /** Whose idempotency keys these are. */
  scopeOf: (caller: C) => string;
};

export type ApiCall<C> = { caller: C; params: Request["params"]; query: Request["query"]; body: unknown };

/** Turns functions from a call to an answer into request handlers, each POST at most once per `Idempotency-Key`. */
export function createEndpoints<C>(deps: Pick<Deps, "db" | "clock">, { callerOf, scopeOf }: Options<C>) {
  return (handle: (call: ApiCall<C>) => Promise<Answer>): RequestHandler =>
    async (req, res) => {
      const caller = callerOf(res.locals);
      const { params, query, body } = req;
      const run = () => handle({ caller, params, query, body });
      const key = req.method === "POST" ? req.get("idempotency-key")?.trim() : undefined;
      if (!key) {
        const answer = await run();
        res.status(answer.status).json(answer.body);
        return;
      }
      const target = `${req.method} ${req.originalUrl}`;
      const answer = await answerOnce(deps, { scope: scopeOf(caller), key, target, body }, run);
      if (answer.isReplayed) res.set("Idempotency-Replayed", "true");
      res.status(answer.status).json(answer.body);
    };
}

export type Endpoint<C> = ReturnType<typeof createEndpoints<C>>;
