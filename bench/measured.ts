/** The figures of the last runs, as docs/performance.md shows them. */
import { monorepoText } from "./monorepo.ts";
import { readResults, renderResults } from "./results.ts";
import { upstreamText } from "./upstream.ts";

/** Puts bench/results/latest.json between the two `bench` comments of a page. */
export function renderMeasured(page: string): string {
  const text = `upstream: ${upstreamText}\nmonorepo: ${monorepoText}\n${renderResults(readResults())}`;
  const block = `<!-- bench -->\n\n\`\`\`\n${text}\`\`\`\n\n<!-- /bench -->`;
  return page.replace(/<!-- bench -->.*?<!-- \/bench -->/s, () => block);
}
