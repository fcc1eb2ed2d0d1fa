/** The command line of `gitopper init`. */
import { Command, CommanderError } from "commander";

/** Null: not given. */
export interface InitFlags {
  readonly upstream: string | null;
  readonly branch: string | null;
  readonly mount: string | null;
  /** Where the repository on this host is; true: at the default place. */
  readonly local: string | true | null;
  readonly hostKey: string | null;
  readonly tokenFile: string | null;
  readonly tokenUser: string | null;
  readonly yes: boolean;
}

/** The text is for people: help, or one line about the error. */
export type ParsedInit =
  | { readonly ok: true; readonly flags: InitFlags }
  | { readonly ok: false; readonly status: number; readonly text: string };

/** Every flag, with its help; the man page is made from this too. */
export function defineInit(): Command {
  return new Command("gitopper init")
    .description(
      "Sets gitopper up on this host: writes /etc/gitopper/config.toml, sees to it that git reaches the upstream, and starts the unit. It asks for what is not given. It may be interrupted and run again at any time.",
    )
    .helpOption("--help", "show this help")
    .allowExcessArguments(false)
    .option("--upstream <url>", "the git repository that the host follows")
    .option("--branch <name>", "the branch that it follows; default main")
    .option("--mount <dir>", "the directory for checkouts; default /srv/gitopper")
    .option(
      "--local [dir]",
      "instead of --upstream: make a bare repository on this host; default /srv/git/config.git",
    )
    .option(
      "--host-key <key>",
      "over ssh: the host key of the server, as a fingerprint (SHA256:…) or a public key",
    )
    .option("--token-file <file>", "over https: a file with a token or password for the upstream")
    .option("--token-user <name>", "over https: the user name for it; default git")
    .option("--yes", "ask nothing", false);
}

export function parseInit(argv: readonly string[]): ParsedInit {
  const printed: string[] = [];
  const command = defineInit()
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: (text) => printed.push(text) });
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const text = printed
      .join("")
      .replace(/^error: /, "")
      .replace(
        /^unknown option '--(?:check|online)'/,
        "$&; to check a config: gitopper --check --online -c FILE",
      )
      .trimEnd();
    return { ok: false, status: error.exitCode === 0 ? 0 : 1, text };
  }
  const none = { upstream: null, branch: null, mount: null, local: null };
  const flags: InitFlags = {
    ...none,
    hostKey: null,
    tokenFile: null,
    tokenUser: null,
    ...command.opts<Given>(),
  };
  if (flags.upstream !== null && flags.local !== null)
    return { ok: false, status: 1, text: "--upstream and --local exclude each other; give one of them" };
  return { ok: true, flags };
}

type Given = { readonly yes: boolean } & Partial<InitFlags>;
