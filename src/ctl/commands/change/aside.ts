/** `aside [service]` and `resume [service]`: unmount single files for a time, and mount them again. */
import type { Command, CommandInput, Result, Session } from "../../cli/definition.ts";
import { checkSpan, spanOption } from "../../cli/global-options.ts";
import { parseSpan } from "../../output/time.ts";
import { maybeService, reasonOption, textOf } from "../arguments.ts";
import { requestChange } from "../requests.ts";

export const aside: Command = {
  name: "aside",
  example: "aside nginx --for 1h --reason dpkg",
  section: "Change",
  summary:
    "unmount the single files of a service, or of all, so that a package manager can replace the files below",
  about:
    "A mounted file cannot be replaced: rename(2) fails with EBUSY, and dpkg leaves the package half configured. " +
    "`resume` mounts the files again and runs the actions; so do the end of the time and a restart of the daemon.",
  arguments: [maybeService],
  options: [
    reasonOption,
    { ...spanOption("for", "resume automatically after this time (default 15m)"), check: checkTime },
  ],
  action: {
    over: "hosts",
    run: (input, session) => {
      const span = parseSpan(textOf(input, "for") ?? "");
      return change("/api/v1/aside", input, session, span === null ? {} : { for: `${span}ms` });
    },
  },
};

export const resume: Command = {
  name: "resume",
  example: "resume nginx",
  section: "Change",
  summary: "mount the files again that `aside` has unmounted, and run the actions",
  arguments: [maybeService],
  options: [reasonOption],
  action: { over: "hosts", run: (input, session) => change("/api/v1/resume", input, session) },
};

const longestMs = 24 * 3_600_000;

function checkTime(text: string): string | null {
  const wrong = "it has to be a time such as 15m, of 24h at most";
  return checkSpan(text) !== null || (parseSpan(text) ?? 0) > longestMs ? wrong : null;
}

function change(path: string, input: CommandInput, { host }: Session, end: object = {}): Promise<Result> {
  const { service } = input.arguments;
  const body = { reason: textOf(input, "reason") ?? "", ...(service !== undefined && { service }), ...end };
  return requestChange(host, { method: "POST", path, body });
}
