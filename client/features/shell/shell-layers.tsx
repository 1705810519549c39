import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { definePart, usePart } from "#client/lib/part.ts";
import { ALL_WORKSPACES } from "#client/lib/permissions.ts";
import type { CurrentWorkspace } from "#client/lib/session.ts";
import { trpcClient } from "#client/lib/trpc.ts";
import { closeShellLayer, useShellLayer } from "./layers.ts";

const palettePart = definePart(async () => (await import("./palette.tsx")).Palette);
const keySheetPart = definePart(async () => (await import("./key-sheet.tsx")).KeySheet);
const zonePart = definePart(async () => (await import("./zone-dialog.tsx")).ZoneDialog);

// Keys typed right after ⌘K must reach the palette, so its code is fetched once the screen has settled.
const PREFETCH_AFTER_MS = 1500;

/** What lies over the page; none of it is part of the first load. */
export function ShellLayers({ workspace }: { workspace: CurrentWorkspace }) {
  const layer = useShellLayer();
  const navigate = useNavigate();
  const Palette = usePart(palettePart, layer === "palette");
  const KeySheet = usePart(keySheetPart, layer === "keys");
  const ZoneDialog = usePart(zonePart, layer === "zone");
  const { slug } = workspace;
  const searchLeads = useCallback(
    (q: string, signal: AbortSignal) => trpcClient.leads.search.query({ workspace: slug, q }, { signal }),
    [slug],
  );
  useEffect(() => {
    const timer = setTimeout(
      () => void Promise.all([palettePart.preload(), keySheetPart.preload()]),
      PREFETCH_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      {Palette && (
        <Palette
          searchLeads={slug === ALL_WORKSPACES ? undefined : searchLeads}
          onOpenLead={(leadId) =>
            navigate({ to: "/w/$workspace/leads/$leadId", params: { workspace: workspace.slug, leadId } })
          }
          onClose={closeShellLayer}
        />
      )}
      {KeySheet && <KeySheet onClose={closeShellLayer} />}
      {ZoneDialog && <ZoneDialog onClose={closeShellLayer} />}
    </>
  );
}
