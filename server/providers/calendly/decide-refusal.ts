import { z } from "zod";
import type { Refusal, RefusalFacts } from "../http-client.ts";

const errorBodySchema = z.object({
  title: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  required_scopes: z.array(z.string()).nullish().catch(null),
  details: z
    .array(z.object({ parameter: z.string().nullish() }))
    .nullish()
    .catch(null),
});

/** What a Calendly refusal means. Their texts stay behind: only our words, scopes and parameter names go on. */
export function decideCalendlyRefusal({ status, body }: RefusalFacts): Refusal {
  const error = errorBodySchema.safeParse(body).data;
  switch (status) {
    case 401:
      return { kind: "unauthorized" };
    case 403:
      return { kind: "scope", details: describeForbidden(error) };
    case 404:
      // A proxy or a wrong base also says 404; only Calendly's own body proves that the id is unknown (R5).
      return error?.title
        ? { kind: "not_found" }
        : { kind: "unexpected", details: { reason: "foreign_404" } };
    case 409:
      return { kind: "conflict" };
    case 408:
    case 424:
    case 425:
      return { kind: "unavailable" };
    case 429:
      return { kind: "rate_limited" };
    default:
      if (status >= 500) return { kind: "unavailable" };
      return { kind: "unexpected", details: { reason: "refused", parameters: readParameters(error) } };
  }
}

type ErrorBody = z.infer<typeof errorBodySchema> | undefined;

function describeForbidden(error: ErrorBody): Record<string, unknown> {
  if (error?.required_scopes || /insufficient scope/i.test(error?.title ?? "")) {
    const scopes = error?.required_scopes ?? [];
    return { reason: "scope", requiredScopes: scopes.filter((scope) => /^[a-z_]+:[a-z]+$/.test(scope)) };
  }
  // The sentence around it has changed with the plans; this word has not.
  if (/upgrade/i.test(error?.message ?? "")) return { reason: "plan" };
  return { reason: "role" };
}

function readParameters(error: ErrorBody): string[] {
  const names = (error?.details ?? []).flatMap(({ parameter }) => parameter ?? []);
  return names.filter((name) => /^[a-z_][a-z0-9_.]{0,39}$/.test(name));
}
