import { QueryCache, QueryClient } from "@tanstack/react-query";
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import type { AppRouter } from "#server/api/router.ts";
import { countedFetch } from "./reachability.ts";
import { reportSignedOut } from "./signed-out.ts";

export type { Permission } from "#server/auth/permissions.ts";
// The one bridge to the server, and types only: no server code may reach the bundle.
export type {
  AppointmentStatus,
  BackfillState,
  ConnectionState,
  Decision,
  DeliveryResult,
  LeadStatus,
  MeetingState,
  MismatchCause,
  Provider,
  Role,
  Sentiment,
  SliceState,
  Source,
  TaskOutcome,
  TaskStatus,
  TaskType,
} from "#server/db/generated/enums.ts";
export type { SuggestionReason } from "#server/leads/decide-suggestions.ts";
export type { RefusalWords } from "#server/reconcile/incident-kinds.ts";

/** `RouterOutput["redQueue"]["list"]`: what a procedure answers, with times as ISO strings. */
export type RouterOutput = inferRouterOutputs<AppRouter>;
export type RouterInput = inferRouterInputs<AppRouter>;
export type ApiError = TRPCClientError<AppRouter>;

const TRPC_URL = "/api/trpc";

export const trpcClient = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: (op) => op.type === "subscription",
      true: httpSubscriptionLink({ url: TRPC_URL }),
      false: httpBatchLink({ url: TRPC_URL, maxItems: 10, fetch: countedFetch }),
    }),
  ],
});

export function isApiError(error: unknown): error is ApiError {
  return error instanceof TRPCClientError;
}

/** What a screen says about a failure: the stable code, the server's safe sentence, the facts that came with it. */
export function readError(error: unknown): {
  code: string;
  message: string;
  status: number | null;
  details: unknown;
} {
  if (!isApiError(error))
    return { code: "unknown", message: "The console itself failed.", status: null, details: null };
  const { data } = error;
  if (!data)
    return { code: "unreachable", message: "The server did not answer.", status: null, details: null };
  return { code: data.appCode, message: error.message, status: data.httpStatus, details: data.details };
}

function isClientFault(error: unknown): boolean {
  const { status } = readError(error);
  return status !== null && status >= 400 && status < 500;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (readError(error).status === 401) reportSignedOut();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // An answer that says "no" will say it again; only silence and server trouble are worth another try.
      retry: (failures, error) => failures < 2 && !isClientFault(error),
    },
  },
});

/** `trpc.redQueue.list.queryOptions({ workspace })` for useQuery, `.mutationOptions()` for useMutation. */
export const trpc = createTRPCOptionsProxy<AppRouter>({ client: trpcClient, queryClient });
