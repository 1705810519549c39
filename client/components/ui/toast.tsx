import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { type ToastData, toastManager, UNDO_MS } from "#client/lib/toasts.ts";
import { Kbd } from "./kbd.tsx";
import { ShapeMark } from "./state-mark.tsx";

/** Holds the toasts of the page: bottom left, three at most, reached with F6. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={toastManager} limit={3} timeout={UNDO_MS}>
      {children}
      <Toast.Portal>
        <Toast.Viewport
          aria-label="Notices"
          className="fixed bottom-16 left-3 z-50 flex w-[calc(100vw-1.5rem)] max-w-96 flex-col gap-2 outline-none sm:bottom-4 sm:left-18"
        >
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

const ACTION = "h-7 flex-none rounded-sm px-2 font-medium text-accent hover:bg-hover";

function ToastList() {
  const { toasts } = Toast.useToastManager<ToastData>();
  const newestUndo = toasts.find((toast) => toast.data?.undo)?.id;
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection={["left", "down"]}
      className="rounded-md border border-rule bg-sheet shadow-pop transition-opacity data-ending-style:opacity-0 data-limited:hidden data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-start gap-2 py-2 pr-2 pl-3">
        {toast.data?.isError && <ShapeMark shape="half" className="mt-1.5 text-doubt" />}
        <div className="min-w-0 flex-1 py-1">
          <Toast.Title render={<p />} className="font-medium" />
          <Toast.Description className="text-ink-2" />
        </div>
        {toast.data?.undo && (
          <button type="button" onClick={toast.data.undo} className={ACTION}>
            Undo {toast.id === newestUndo && <Kbd keys="z" className="ml-1" />}
          </button>
        )}
        {toast.data?.action && (
          <button type="button" onClick={toast.data.action.run} className={ACTION}>
            {toast.data.action.label}
          </button>
        )}
        <Toast.Close
          aria-label="Dismiss"
          className="grid size-7 flex-none place-items-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink"
        >
          <X aria-hidden="true" className="size-3.5" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
