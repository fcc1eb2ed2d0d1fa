/** Builds the commander program from the command definitions. */
import {
  Command as Commander,
  Argument as CommanderArgument,
  Option as CommanderOption,
  type OutputConfiguration,
} from "commander";
import { version } from "../../model/version.ts";
import { UsageFailure } from "../failure.ts";
import { wrap } from "../output/visible.ts";
import type { Argument, Command, CommandInput, Option } from "./definition.ts";
import { globalOptions } from "./global-options.ts";
import { description, examples, exitStatus, groups, notes } from "./help.ts";

export interface FoundCommand {
  readonly command: Command;
  readonly input: CommandInput;
}

const programName = "gitopperctl";
/** The width of a standard terminal. */
const helpColumns = 80;

/** `found` gets the parsed command. */
export function buildProgram(
  commands: readonly Command[],
  output: OutputConfiguration,
  found: (found: FoundCommand) => void,
): Commander {
  const program = new Commander(programName)
    .description(description)
    .configureOutput({ ...output, outputError: () => {} })
    .configureHelp({ showGlobalOptions: true, helpWidth: helpColumns, minWidthToWrap: 20 })
    .exitOverride()
    .usage("<command> [@host[:port]] [arguments]")
    .version(version, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", `\n${[filled(notes), examples, filled(exitStatus)].join("\n\n")}`);
  for (const option of globalOptions) program.addOption(toOption(option));
  for (const command of commands) addCommand(program, command, found);
  return program;
}

/** Wraps each line as a paragraph. */
function filled(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => wrap(line, helpColumns))
    .join("\n");
}

/** `[@host] <service> [commit]`. */
export function usageOf({ arguments: args = [] }: Command): string {
  const words = args.map(renderArgument);
  return ["[@host]", ...words].join(" ");
}

/** `[path...]`, as commander takes it. */
function renderArgument({ name, optional, many }: Argument): string {
  const word = many ? `${name}...` : name;
  return optional ? `[${word}]` : `<${word}>`;
}

/** `-i, --identity <file>`. */
export function renderFlags({ long, short, value, fallback }: Option): string {
  const placeholder = value === undefined ? "" : fallback === undefined ? ` <${value}>` : ` [${value}]`;
  return `${short === undefined ? "" : `-${short}, `}--${long}${placeholder}`;
}

function addCommand(program: Commander, definition: Command, found: (found: FoundCommand) => void): void {
  const { arguments: args = [], options = [], about, example } = definition;
  const [first = "", second] = definition.name.split(" ");
  const parent = second === undefined ? program : parentOf(program, first);
  const command = parent
    .command(second ?? first)
    .description(definition.summary)
    .usage(`${options.length > 0 ? "[options] " : ""}${usageOf(definition)}`);
  if (second === undefined) command.helpGroup(`${definition.section}:`);
  if (about !== undefined) command.addHelpText("after", `\n${filled(about)}`);
  command.addHelpText("after", `\nExample: ${programName} ${example}`);
  for (const argument of args) command.addArgument(toArgument(argument));
  for (const option of options) command.addOption(toOption(option));
  command.action(() => {
    const values = args.map(({ name }, index) => [name, command.args[index]]);
    const rest = args.at(-1)?.many ? command.args.slice(args.length - 1) : [];
    const input = { arguments: Object.fromEntries(values), rest, options: command.optsWithGlobals() };
    const wrong = definition.check?.(input) ?? null;
    if (wrong !== null) throw new UsageFailure(wrong);
    found({ command: definition, input });
  });
}

function parentOf(program: Commander, name: string): Commander {
  const known = program.commands.find((command) => command.name() === name);
  if (known !== undefined) return known;
  const { section = "Show", summary = "" } = groups[name] ?? {};
  const parent = program.command(name).description(summary).helpCommand(false).helpGroup(`${section}:`);
  if (name === "list") parent.alias("ls");
  return parent;
}

function toArgument(definition: Argument): CommanderArgument {
  const { offer } = definition;
  const argument = new CommanderArgument(renderArgument(definition));
  if (Array.isArray(offer)) argument.choices(offer);
  return argument;
}

function toOption(option: Option): CommanderOption {
  const { help, offer, check } = option;
  const made = new CommanderOption(renderFlags(option), help);
  if (Array.isArray(offer)) made.choices(offer);
  if (check === undefined) return made;
  return made.argParser((value: string) => {
    const wrong = check(value);
    if (wrong !== null) throw new UsageFailure(`"${value}" is no good for --${option.long}: ${wrong}`);
    return value;
  });
}
