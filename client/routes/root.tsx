import { Tooltip } from "@base-ui/react/tooltip";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRootRouteWithContext, Outlet } from "@tanstack/react-router";
import { ToastProvider } from "#client/components/ui/toast.tsx";
import { queryClient } from "#client/lib/trpc.ts";
import { NotFoundScreen } from "./not-found.tsx";
import { RouteFailure } from "./route-failure.tsx";

export type RouterContext = { queryClient: QueryClient };

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: RootLayout,
  notFoundComponent: NotFoundScreen,
  errorComponent: RouteFailure,
});

function RootLayout() {
  return (
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delay={400} closeDelay={0}>
        <ToastProvider>
          <Outlet />
        </ToastProvider>
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}
