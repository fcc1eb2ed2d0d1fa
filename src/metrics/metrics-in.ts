/** Makes the counters and gauges of a registry. */
// Imports single files: all of prom-client loads https and zlib for its push gateway, 12 MB.
import type { Registry } from "prom-client";
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";

type Row<L extends string> = readonly [labels: Readonly<Partial<Record<L, string>>>, value: number];

export function metricsIn(registry: Registry) {
  const registers = [registry];
  return {
    counter: <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter<L>({ name, help, labelNames, registers }),
    gauge: <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Gauge<L>({ name, help, labelNames, registers }),
    /** A gauge whose series are those of `rows` at each scrape. */
    scraped: <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[],
      rows: () => readonly Row<L>[],
    ) =>
      new Gauge<L>({
        ...{ name, help, labelNames, registers },
        collect() {
          this.reset();
          for (const [labels, value] of rows()) this.set(labels, value);
        },
      }),
  };
}
