/** `freeze <service>`: stop following the upstream, for a time or until it is unfrozen. */
import type { Command, CommandInput } from "../../cli/definition.ts";
import { spanOption } from "../../cli/global-options.ts";
import { UsageFailure } from "../../failure.ts";
import { parseSpan, parseUntil } from "../../output/time.ts";
import { oneService, reasonOption, serviceOf, textOf } from "../arguments.ts";
import { changeService } from "../requests.ts";

export const freeze: Command = {
  name: "freeze",
  example: 'freeze nginx --for 2h --reason "disk is being replaced"',
  section: "Change",
  summary: "stop following upstream, and keep the current commit",
  about:
    '--until takes a time of day (18:00, the next one), a day (2026-03-05), or both ("2026-03-05 18:00"), in local ' +
    "time unless it has a zone (2026-03-05T18:00Z).",
  arguments: [oneService],
  options: [
    reasonOption,
    spanOption("for", "unfreeze automatically after this time, such as 2h or 3d"),
    {
      long: "until",
      value: "time",
      help: "unfreeze automatically at this time",
      check: (text) =>
        parseUntil(text, new Date()) === null ? "it has to be such as 18:00 or 2026-03-05T18:00Z" : null,
    },
  ],
  check: ({ options }) => (options.for && options.until ? "give either --for or --until" : null),
  action: {
    over: "hosts",
    run: async (input, { host, clock }) => {
      const body = { reason: textOf(input, "reason") ?? "", ...endOf(input, clock.now()) };
      return changeService(host, "freeze", serviceOf(input), body);
    },
  },
};

/** A duration is sent as such, because the daemon's clock counts; in Go's format, which has no days. */
function endOf(input: CommandInput, now: Date): { readonly for?: string; readonly until?: string } {
  const span = parseSpan(textOf(input, "for") ?? "");
  if (span !== null) return { for: `${span}ms` };
  const until = parseUntil(textOf(input, "until") ?? "", now);
  if (until === null) return {};
  if (until <= now) throw new UsageFailure("--until is a time that has passed");
  return { until: until.toISOString() };
}
