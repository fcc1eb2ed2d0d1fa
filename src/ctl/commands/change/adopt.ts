/** `adopt <service> [path…]`: takes files of this host into a commit, and proposes their config. */
import { driftDiffReply, driftReply } from "../../../api/shapes.ts";
import { parseCommit } from "../../../model/commit.ts";
import { Problem } from "../../../model/problem.ts";
import type { Command, CommandInput, Option, Result, Session } from "../../cli/definition.ts";
import { Failure, UsageFailure } from "../../failure.ts";
import { serviceOf, textOf } from "../arguments.ts";
import { askService } from "../requests.ts";
import { renderAdopted, renderEdits, renderSaved } from "./adopt-report.ts";

const options: readonly Option[] = [
  { long: "into", value: "dir", help: "the directory in the repository (default <service>/<host>)" },
  {
    long: "clone",
    value: "dir",
    help: "an existing clone of the repository (default: a new one here)",
    offer: "files",
  },
  { long: "branch", value: "name", help: "the name of the new branch (default adopt-<service>)" },
  { long: "message", value: "text", help: "the message of the commit" },
  { long: "patch", value: "file", help: "write a patch for git am instead of a branch", offer: "files" },
  { long: "push", help: "push the branch to origin" },
  { long: "write", help: "add the entry to the config: in the commit if the repository has it" },
  { long: "drift", help: "take the local edits of a service that gitopper manages" },
  { long: "take", value: "path", help: "take this path though it looks secret; several with commas" },
  { long: "config", value: "file", help: "the config of the daemon", offer: "files" },
  countOption("max-files", "n", "how many files at most (default 5000)"),
  sizeOption("max-size", "how large all files may be together (default 64M)"),
  sizeOption("max-file-size", "leave out larger files (default 5M)"),
];

function countOption(long: string, value: string, help: string): Option {
  const check = (text: string) =>
    /^[1-9]\d{0,6}$/.test(text) ? null : "it has to be a number such as 10000";
  return { long, value, help, check };
}

const units: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function parseSize(text: string): number | null {
  const [, digits, unit = ""] = /^([1-9]\d{0,6})([KMG]?)$/.exec(text) ?? [];
  return digits === undefined ? null : Number(digits) * (units[unit] ?? 1);
}

function sizeOption(long: string, help: string): Option {
  const check = (text: string) =>
    parseSize(text) === null ? "it has to be a size such as 500K, 64M or 1G" : null;
  return { long, value: "size", help, check };
}

export const adopt: Command = {
  name: "adopt",
  example: "adopt nginx /etc/nginx --into nginx/web1",
  section: "Change",
  summary: "take files of this host into a commit, with a proposed config entry",
  about:
    "Runs as root on the host itself. Neither the files nor the unit change, and nothing is pushed without --push. " +
    "Without paths it takes those that the service usually has. Private keys, passwords and the like are left out, and " +
    "listed. The last line of the plan says whether the commit and the entry would change anything on the host; " +
    "if so, the exit status is 3.",
  arguments: [
    { name: "service", offer: "services" },
    { name: "path", optional: true, many: true, offer: "files" },
  ],
  options,
  check: ({ options, rest = [] }) =>
    options.drift && (rest.length > 0 || options.into || options.write)
      ? "--drift takes the edits of a service; it goes without paths, --into and --write"
      : null,
  action: { over: "hosts", run },
};

async function run(input: CommandInput, session: Session): Promise<Result> {
  if (session.name !== "this host")
    throw new UsageFailure(
      `adopt takes files of the host that it runs on: leave out @${session.name} here, or run it on ${session.name}`,
    );
  if (process.getuid?.() !== 0) throw new UsageFailure("adopt reads the files of services; run it as root");
  try {
    return await (input.options.drift ? adoptDrift(input, session) : adoptFiles(input, session));
  } catch (error) {
    if (error instanceof Problem) throw new Failure(error.message, { cause: error });
    throw error;
  }
}

async function adoptFiles(input: CommandInput, { display, clock }: Session): Promise<Result> {
  const { adoptHere } = await import("../../../adopt/here.ts");
  const given = { ...commonOf(input), into: textOf(input, "into"), write: input.options.write === true };
  const adopted = await adoptHere({ ...given, paths: input.rest ?? [] }, clock.now());
  return renderAdopted(adopted, display);
}

async function adoptDrift(input: CommandInput, { host, display, clock }: Session): Promise<Result> {
  const service = serviceOf(input);
  const { value: drift } = await askService(host, service, driftReply, "/drift");
  const { value: diff } = await askService(host, service, driftDiffReply, "/drift/diff");
  const base = parseCommit(diff.base ?? "");
  const saved = renderSaved(drift.saved ?? []);
  if (base === null || drift.edits.length === 0)
    throw new Failure([`There are no local edits of ${service}`, saved].filter(Boolean).join("; "));
  const { adoptEditsHere } = await import("../../../adopt/here.ts");
  const edits = { base, paths: drift.edits.map(({ path }) => path) };
  const adopted = await adoptEditsHere(commonOf(input), edits, clock.now());
  const note = [drift.more ?? "", saved].filter(Boolean).join("; ");
  return renderEdits(adopted, note, display);
}

function commonOf(input: CommandInput) {
  const size = (name: string) => parseSize(textOf(input, name) ?? "");
  return {
    service: serviceOf(input),
    clone: textOf(input, "clone"),
    branch: textOf(input, "branch"),
    message: textOf(input, "message"),
    patch: textOf(input, "patch"),
    push: input.options.push === true,
    take: (textOf(input, "take") ?? "").split(",").filter((path) => path !== ""),
    config: textOf(input, "config"),
    limits: { files: size("maxFiles"), bytes: size("maxSize"), fileBytes: size("maxFileSize") },
  };
}
