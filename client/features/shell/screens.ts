import {
  CalendarSearch,
  History,
  Link2,
  type LucideIcon,
  Repeat2,
  TriangleAlert,
  UserRound,
} from "lucide-react";
import type { Screen } from "#client/lib/permissions.ts";

/** The screens that exist, in the order of the navigation, each with its second key after G. */
export const SCREEN_ITEMS: readonly { screen: Screen; icon: LucideIcon; keys: string }[] = [
  { screen: "red-queue", icon: TriangleAlert, keys: "g q" },
  { screen: "mismatches", icon: Repeat2, keys: "g m" },
  { screen: "backfills", icon: History, keys: "g b" },
  { screen: "connections", icon: Link2, keys: "g c" },
  { screen: "leads", icon: UserRound, keys: "g l" },
  { screen: "unmatched", icon: CalendarSearch, keys: "g u" },
];
