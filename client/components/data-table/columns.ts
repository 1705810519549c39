import type { ReactNode } from "react";

export type SortDirection = "asc" | "desc";

/** The list is narrower than this many pixels: the column gives way. Container width, so an open panel counts. */
export type HideBelow = 360 | 480 | 640 | 800 | 920 | 960 | 1160;

export type DataColumn<Row> = {
  id: string;
  header: string;
  /** Fact, then its evidence in `<small>`: two lines fit the row. */
  cell: (row: Row) => ReactNode;
  /** CSS width; columns without one share what is left. */
  width?: string;
  align?: "left" | "right";
  isSortable?: boolean;
  hideBelow?: HideBelow;
};

export const HIDE_BELOW: Record<HideBelow, string> = {
  360: "@max-[360px]:hidden",
  480: "@max-[480px]:hidden",
  640: "@max-[640px]:hidden",
  800: "@max-[800px]:hidden",
  920: "@max-[920px]:hidden",
  960: "@max-[960px]:hidden",
  1160: "@max-[1160px]:hidden",
};
