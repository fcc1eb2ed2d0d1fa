/** The alert rules that are packaged, as docs/operate.md shows them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const rules = join(import.meta.dirname, "../packaging/prometheus/gitopper.rules.yml");

/** Puts the rules between the two `alert rules` comments of a page. */
export function renderAlerts(page: string): string {
  const block = `<!-- alert rules -->\n\n\`\`\`yaml\n${readFileSync(rules, "utf8")}\`\`\`\n\n<!-- /alert rules -->`;
  return page.replace(/<!-- alert rules -->.*?<!-- \/alert rules -->/s, () => block);
}
