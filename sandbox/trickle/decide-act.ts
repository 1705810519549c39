/** With fewer meetings ahead than this, people only book. */
const FEWEST_AHEAD = 40;
/** With more than this, somebody cancels. */
const MOST_AHEAD = 260;

export type Act = "booked" | "canceled" | "rescheduled" | "no_show";

/** What happens next, so that the number of meetings ahead stays between its bounds whatever chance says. */
export function decideAct(ahead: number, over: number, dice: number): Act {
  if (ahead < FEWEST_AHEAD) return "booked";
  if (dice < 0.32 || ahead > MOST_AHEAD) return "canceled";
  if (dice < 0.44) return "rescheduled";
  return dice < 0.52 && over > 0 ? "no_show" : "booked";
}
