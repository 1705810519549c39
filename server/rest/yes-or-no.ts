import { z } from "zod";

/** A yes or no in a query: `true` and `1`, `false` and `0`. */
export const yesOrNo = z
  .enum(["true", "1", "false", "0"])
  .transform((value) => value === "true" || value === "1");
