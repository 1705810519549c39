import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { CurrentWorkspace } from "#client/lib/session.ts";
import { closeShellLayer, useShellLayer } from "./layers.ts";

const Palette = lazy(() => import("./palette.tsx").then((module) => ({ default: module.Palette })));
const KeySheet = lazy(() => import("./key-sheet.tsx").then((module) => ({ default: module.KeySheet })));
const ZoneDialog = lazy(() => import("./zone-dialog.tsx").then((module) => ({ default: module.ZoneDialog })));

/** What lies over the page, each loaded when first opened. */
export function ShellLayers({ workspace }: { workspace: CurrentWorkspace }) {
  const layer = useShellLayer();
  const navigate = useNavigate();
  return (
    <Suspense fallback={null}>
      {layer === "palette" && (
        <Palette
          onOpenLead={(leadId) =>
            navigate({ to: "/w/$workspace/leads/$leadId", params: { workspace: workspace.slug, leadId } })
          }
          onClose={closeShellLayer}
        />
      )}
      {layer === "keys" && <KeySheet onClose={closeShellLayer} />}
      {layer === "zone" && <ZoneDialog onClose={closeShellLayer} />}
    </Suspense>
  );
}
