/** Where Calendly delivers a workspace's events. */
export function webhookUrl(publicUrl: string, workspaceId: string): string {
  return `${receivers(publicUrl)}/calendly/${workspaceId}`;
}

/** Where HighLevel workflows of a workspace deliver. */
export function workflowUrl(publicUrl: string, workspaceId: string): string {
  return `${receivers(publicUrl)}/highlevel/${workspaceId}`;
}

function receivers(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, "")}/api/webhooks`;
}

/**
 * An address that no subscription has yet. Calendly refuses a second one with the same address, and a new one must
 * stand before the old one goes: the number changes the address and not where it leads.
 */
export function findFreeUrl(base: string, taken: readonly string[]): string {
  const known = new Set(taken);
  if (!known.has(base)) return base;
  for (let number = 2; ; number++) {
    const url = `${base}?n=${number}`;
    if (!known.has(url)) return url;
  }
}

/** Whether a subscription delivers here, under whichever number. */
export function leadsTo(base: string, callbackUrl: string): boolean {
  return callbackUrl.split("?", 1)[0] === base;
}
