import { z } from "zod";

/** A time that names its zone; one that does not would be read in this machine's zone and is refused. */
export const instantSchema = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** A time that helps but decides nothing: unreadable counts as not given, and costs no row. */
export const softInstantSchema = instantSchema.nullish().catch(null);
