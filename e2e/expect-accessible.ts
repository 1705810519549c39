import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Of all the rules, these see colours; they are also the slow ones. */
const COLOR_RULES = ["color-contrast", "link-in-text-block"];

/** Looked at row by row, a page of a hundred takes half a minute and repeats itself. */
const REPEATED_ROWS = "[role=grid] tbody tr:nth-child(n+13)";

const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

/**
 * axe finds nothing on the page as it stands: in light and dark, which differ in colours alone, and as narrow as a
 * phone, which has the same colours in another order.
 */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await expectNoFaults(new AxeBuilder({ page }).withTags(TAGS), what);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expectNoFaults(new AxeBuilder({ page }).withRules(COLOR_RULES), `${what} in the dark`);
  await page.setViewportSize(NARROW);
  await expectNoFaults(
    new AxeBuilder({ page }).withTags(TAGS).disableRules(COLOR_RULES),
    `${what} on a phone`,
  );
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}

async function expectNoFaults(axe: AxeBuilder, what: string): Promise<void> {
  // Legacy means without frames of other origins, of which there are none, and without a second page for the report.
  const { violations } = await axe.setLegacyMode().exclude(REPEATED_ROWS).analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(" ")}: ${failureSummary}`),
  );
  expect.soft(found, what).toEqual([]);
}
