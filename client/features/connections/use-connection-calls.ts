import { useMemo } from "react";
import { showErrorToast } from "#client/lib/toasts.ts";
import { queryClient, type RouterInput, readError, trpc, trpcClient } from "#client/lib/trpc.ts";
import { ERRORS } from "#client/lib/vocabulary.ts";

export type ConnectionCalls = ReturnType<typeof createConnectionCalls>;

/**
 * Everything that the connection screens ask the server to do. A provider's refusal is an answer; what fails otherwise
 * is said in a toast and answered with null, so that forms only handle what belongs to them.
 */
export function useConnectionCalls(workspace: string): ConnectionCalls {
  return useMemo(() => createConnectionCalls(workspace), [workspace]);
}

function createConnectionCalls(workspace: string) {
  const { connections } = trpcClient;
  type Chosen = Omit<RouterInput["connections"]["chooseEventTypes"], "workspace">;
  return {
    verifyCalendly: (token: string) =>
      attempt("The token could not be checked.", () =>
        connections.verifyCalendly.mutate({ workspace, token }),
      ),
    connectCalendly: (token: string) =>
      act("Calendly was not connected.", () => connections.connectCalendly.mutate({ workspace, token })),
    connectHighLevel: (token: string, locationId: string) =>
      act("HighLevel was not connected.", () =>
        connections.connectHighLevel.mutate({ workspace, token, locationId }),
      ),
    rotateToken: (connectionId: string, token: string) =>
      act("The token was not replaced.", () =>
        connections.rotateToken.mutate({ workspace, connectionId, token }),
      ),
    chooseEventTypes: (choice: Chosen) =>
      act("The event types were not saved.", () =>
        connections.chooseEventTypes.mutate({ workspace, ...choice }),
      ),
    createWebhook: (connectionId: string, takeOver: boolean) =>
      act("The webhook was not created.", () =>
        connections.createWebhook.mutate({ workspace, connectionId, takeOver }),
      ),
    createWorkflowSecret: (connectionId: string) =>
      act("The secret was not created.", () =>
        connections.createWorkflowSecret.mutate({ workspace, connectionId }),
      ),
    check: (connectionId: string) =>
      act("The connection was not tested.", () => connections.check.mutate({ workspace, connectionId })),
    confirmDrop: (connectionId: string) =>
      act("The meetings are not asked for.", () =>
        connections.confirmDrop.mutate({ workspace, connectionId }),
      ),
    testWebhook: () =>
      attempt("The webhook was not tested.", () => connections.testWebhook.mutate({ workspace })),
    disconnect: (connectionId: string) =>
      act("The account was not disconnected.", () =>
        connections.disconnect.mutate({ workspace, connectionId }),
      ),
    reprocess: (deliveryId: string) =>
      act("The delivery was not started again.", () =>
        connections.reprocess.mutate({ workspace, deliveryId }),
      ),
  };
}

/** As `attempt`, and every connection screen looks again. */
async function act<T>(failure: string, call: () => Promise<T>): Promise<T | null> {
  const answer = await attempt(failure, call);
  await queryClient.invalidateQueries(trpc.connections.pathFilter());
  return answer;
}

async function attempt<T>(failure: string, call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    const { code, message } = readError(error);
    showErrorToast(failure, { description: ERRORS[code] ? `${message} ${ERRORS[code].effect}` : message });
    return null;
  }
}
