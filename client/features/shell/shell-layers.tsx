import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import type { CurrentWorkspace } from "#client/lib/session.ts";
import { closeShellLayer, useShellLayer } from "./layers.ts";

const loadPalette = () => import("./palette.tsx");
const loadKeySheet = () => import("./key-sheet.tsx");
const Palette = lazy(() => loadPalette().then((module) => ({ default: module.Palette })));
const KeySheet = lazy(() => loadKeySheet().then((module) => ({ default: module.KeySheet })));
const ZoneDialog = lazy(() => import("./zone-dialog.tsx").then((module) => ({ default: module.ZoneDialog })));

// Keys typed right after ⌘K must reach the palette, so its code is fetched once the screen has settled.
const PREFETCH_AFTER_MS = 1500;

/** What lies over the page; none of it is part of the first load. */
export function ShellLayers({ workspace }: { workspace: CurrentWorkspace }) {
  const layer = useShellLayer();
  const navigate = useNavigate();
  useEffect(() => {
    const timer = setTimeout(() => void Promise.all([loadPalette(), loadKeySheet()]), PREFETCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
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
