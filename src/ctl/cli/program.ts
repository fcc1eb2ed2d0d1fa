/** Builds the commander program from the command definitions. */
import { Command as Commander, Argument as CommanderArgument, Option as CommanderOption } from "commander";
import { version } from "../../model/version.ts";
import { groups } from "../commands/groups.ts";
import { UsageFailure } from "../failure.ts";
import { wrap } from "../output/visible.ts";
import type { Argument, Command, CommandInput, Option } from "./definition.ts";
import { globalOptions } from "./global-options.ts";
import { description, examples, exitStatus, notes } from "./help.ts";
import type { Vocabulary } from "./words.ts";

export interface FoundCommand {
  readonly command: Command;
  readonly input: CommandInput;
}

/** Where the program writes, and what gets the parsed command. */
export interface Sink {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly found: (found: FoundCommand) => void;
}

const programName = "gitopperctl";
/** The width of a standard terminal. */
const helpColumns = 80;
/** Commands of the original, which keep their short forms. */
const originals = ["list", "state", "do", "help"];

export function buildProgram(commands: readonly Command[], sink: Sink): Commander {
  const program = new Commander(programName)
    .description(description)
    .configureOutput({ writeOut: sink.out, writeErr: sink.err, outputError: () => {} })
    .configureHelp({ showGlobalOptions: true, helpWidth: helpColumns, minWidthToWrap: 20 })
    .exitOverride()
    .usage("<command> [@host[:port]] [arguments]")
    .version(version, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", `\n${[filled(notes), examples, filled(exitStatus)].join("\n\n")}`);
  for (const option of globalOptions) program.addOption(toOption(option));
  const parents = new Map<string, Commander>();
  for (const command of commands) addCommand(program, parents, command, sink.found);
  return program;
}

/** Wraps each line as a paragraph. */
function filled(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => wrap(line, helpColumns))
    .join("\n");
}

/** What `arrange` needs to know of the commands before commander parses the arguments. */
export function vocabularyOf(commands: readonly Command[]): Vocabulary {
  const all = commands.map(({ name }) => name.split(" "));
  const names = [...new Set(all.map(([first = ""]) => first))];
  const below = (name: string) =>
    all.filter(([first]) => first === name).flatMap(([, second]) => second ?? []);
  const options = [...globalOptions, ...commands.flatMap(({ options = [] }) => options)];
  const valued = options.filter(({ value, fallback }) => value !== undefined && fallback === undefined);
  return {
    commands: { ...Object.fromEntries(names.map((name) => [name, below(name)])), help: names },
    first: originals,
    takesValue: new Set(valued.flatMap(({ long, short }) => [`--${long}`, ...(short ? [`-${short}`] : [])])),
    fallbacks: Object.fromEntries(
      options.flatMap(({ long, fallback }) => (fallback === undefined ? [] : [[`--${long}`, fallback]])),
    ),
  };
}

/** `[@host] <service> [commit]`. */
export function usageOf({ arguments: args = [] }: Command): string {
  const words = args.map(({ name, optional }) => (optional ? `[${name}]` : `<${name}>`));
  return ["[@host]", ...words].join(" ");
}

/** `-i, --identity <file>`. */
export function flagsOf({ long, short, value, fallback }: Option): string {
  const placeholder = value === undefined ? "" : fallback === undefined ? ` <${value}>` : ` [${value}]`;
  return `${short === undefined ? "" : `-${short}, `}--${long}${placeholder}`;
}

function addCommand(
  program: Commander,
  parents: Map<string, Commander>,
  definition: Command,
  found: (found: FoundCommand) => void,
): void {
  const { arguments: args = [], options = [], about, example } = definition;
  const [first = "", second] = definition.name.split(" ");
  const parent = second === undefined ? program : parentOf(program, parents, first);
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
    const input = read(definition, program, command);
    const wrong = definition.check?.(input) ?? null;
    if (wrong !== null) throw new UsageFailure(wrong);
    found({ command: definition, input });
  });
}

function parentOf(program: Commander, parents: Map<string, Commander>, name: string): Commander {
  const known = parents.get(name);
  if (known !== undefined) return known;
  const { section = "Show", summary = "" } = groups[name] ?? {};
  const parent = program.command(name).description(summary).helpCommand(false).helpGroup(`${section}:`);
  if (name === "list") parent.alias("ls");
  parents.set(name, parent);
  return parent;
}

function toArgument({ name, optional, offer }: Argument): CommanderArgument {
  const argument = new CommanderArgument(optional ? `[${name}]` : `<${name}>`);
  if (Array.isArray(offer)) argument.choices(offer);
  return argument;
}

function toOption(option: Option): CommanderOption {
  const { help, offer, check } = option;
  const made = new CommanderOption(flagsOf(option), help);
  if (Array.isArray(offer)) made.choices(offer);
  if (check === undefined) return made;
  return made.argParser((value: string) => {
    const wrong = check(value);
    if (wrong !== null) throw new UsageFailure(`"${value}" is no good for --${option.long}: ${wrong}`);
    return value;
  });
}

function read(
  { arguments: args = [], options = [] }: Command,
  program: Commander,
  command: Commander,
): CommandInput {
  const values = args.flatMap(({ name }, index) => {
    const value: unknown = command.processedArgs[index];
    return typeof value === "string" ? [[name, value]] : [];
  });
  return {
    arguments: Object.fromEntries(values),
    options: { ...readOptions(globalOptions, program), ...readOptions(options, command) },
  };
}

function readOptions(options: readonly Option[], command: Commander): CommandInput["options"] {
  const all = command.opts<Record<string, unknown>>();
  return Object.fromEntries(
    options.flatMap(({ long }) => {
      const value = all[new CommanderOption(`--${long}`).attributeName()];
      return typeof value === "string" || value === true ? [[long, value]] : [];
    }),
  );
}
