export const SORTS = ["age.desc", "age.asc", "lead.asc", "lead.desc", "checked.asc", "checked.desc"] as const;

export type MismatchSort = { by: "age" | "lead" | "checked"; direction: "asc" | "desc" };

/** As the address has it and the column's arrow shows it. The youngest come first. */
export function readSort(text: (typeof SORTS)[number] = "age.asc"): MismatchSort {
  const [by, direction] = text.split(".");
  return {
    by: by === "lead" || by === "checked" ? by : "age",
    direction: direction === "asc" ? "asc" : "desc",
  };
}

/** The server goes by the instant since when a row stands: the later that is, the younger the row. */
export function askedSort({ by, direction }: MismatchSort): MismatchSort {
  const opposite = direction === "asc" ? "desc" : "asc";
  return { by, direction: by === "age" ? opposite : direction };
}
