/** The three manual pages, from what the programs read their command lines with. */
import type { Command as Commander } from "commander";
import type { Command, Option, Section } from "../src/ctl/cli/definition.ts";
import { globalOptions } from "../src/ctl/cli/global-options.ts";
import { description, examples, exitStatus, notes } from "../src/ctl/cli/help.ts";
import { renderFlags, usageOf } from "../src/ctl/cli/program.ts";
import { commands } from "../src/ctl/commands/all.ts";
import { define } from "../src/daemon/options.ts";
import { buildProgram } from "../src/hdr/command-line.ts";
import { defineInit } from "../src/init/options.ts";
import { version } from "../src/model/version.ts";
import { type Block, type ManPage, renderManPage } from "./man.ts";

/** The text of each page, by its file's name. */
export function renderManPages(): Readonly<Record<string, string>> {
  const pages = [gitopperctl(), gitopper(), gitopperhdr()];
  return Object.fromEntries(pages.map((page) => [`${page.name}.${page.section}`, renderManPage(page)]));
}

function gitopperctl(): ManPage {
  const sections: readonly Section[] = ["Show", "Change", "Access", "As in the original", "Shell"];
  return {
    name: "gitopperctl",
    section: 1,
    version,
    summary: "show and control the services of gitopper",
    synopsis: ["[options] command [@host[:port]] [arguments]"],
    sections: [
      { title: "Description", blocks: [{ paragraph: description }, ...sentences(notes)] },
      { title: "Commands", blocks: sections.flatMap(blocksOfSection) },
      {
        title: "Options",
        blocks: [
          ...globalOptions.map(termOf),
          { term: "-h, --help", meaning: "print the help" },
          { term: "-v, --version", meaning: "print the version of this client" },
        ],
      },
      { title: "Hosts and groups", blocks: configuration },
      { title: "Exit status", blocks: statuses(exitStatus) },
      { title: "Environment", blocks: environment },
      { title: "Files", blocks: files },
      { title: "Examples", blocks: [{ lines: examples.split("\n").slice(1) }] },
    ],
    seeAlso: ["gitopper(8)", "gitopperhdr(1)", "ssh(1)"],
  };
}

function blocksOfSection(section: Section): Block[] {
  const own = commands.filter((command) => command.section === section);
  return [{ heading: section }, ...own.flatMap(blocksOfCommand)];
}

function blocksOfCommand(command: Command): Block[] {
  const { name, summary, about, options = [] } = command;
  return [
    {
      term: `${name} ${usageOf(command)}`,
      meaning: about === undefined ? `${summary}.` : `${summary}. ${about}`,
    },
    ...(options.length > 0 ? [{ nested: options.map(termOf) }] : []),
  ];
}

function termOf(option: Option): Block {
  const words = Array.isArray(option.offer) ? `; one of ${option.offer.join(", ")}` : "";
  return { term: renderFlags(option), meaning: `${option.help}${words}` };
}

const configuration: readonly Block[] = [
  {
    paragraph:
      "The config names hosts, selects the transport for each, and defines groups of hosts. The command line overrides it. gitopperctl never writes this file.",
  },
  {
    lines: [
      "[hosts.web1]",
      'address = "web1.example.org:8000"',
      'via = "https"                      # https, ssh, http or socket',
      'token_file = "~/.config/gitopper/web1.token"',
      "",
      "[hosts.db]",
      'via = "ssh"',
      'identity = "~/.ssh/ops"',
      "",
      "[groups]",
      'all = ["web1", "db"]',
    ],
  },
];

const environment: readonly Block[] = [
  {
    term: "GITOPPER_TOKEN",
    meaning:
      "a token for hosts over https, and over http on this host; it is never sent to another host over plain http",
  },
  { term: "NO_COLOR", meaning: "if it is not empty, output is not coloured unless --color says so" },
  {
    term: "XDG_CONFIG_HOME",
    meaning: "the directory that contains gitopper/config.toml; default ~/.config",
  },
];

const files: readonly Block[] = [
  { term: "~/.config/gitopper/config.toml", meaning: "hosts and groups" },
  { term: "/run/gitopper/gitopper.sock", meaning: "the socket of this host's daemon" },
];

function gitopper(): ManPage {
  return {
    name: "gitopper",
    section: 8,
    version,
    summary: "deploy files of services from git, and run systemctl",
    synopsis: ["-c file [options]", "-c file --check [--online] [options]", "init [options]"],
    sections: [
      {
        title: "Description",
        blocks: [
          {
            paragraph:
              "gitopper watches git repositories and keeps a sparse checkout for each service of its host. It bind-mounts files and directories of the checkout to where the service reads them, and runs systemctl with the configured action when a commit changes one of them.",
          },
        ],
      },
      { title: "Options", blocks: optionsOf(define()) },
      {
        title: "Options of init",
        blocks: [{ paragraph: defineInit().description() }, ...optionsOf(defineInit())],
      },
      {
        title: "Signals",
        blocks: [
          {
            term: "SIGTERM, SIGINT",
            meaning: "finish the current step and exit; the services keep running with their files",
          },
          { term: "SIGHUP", meaning: "exit with status 2, so that the service manager starts it again" },
          { term: "SIGUSR2", meaning: "reload the config if it is valid; systemctl reload sends it" },
        ],
      },
      {
        title: "Exit status",
        blocks: [
          { term: "0", meaning: "it was stopped, --check found nothing wrong, or init is done" },
          {
            term: "1",
            meaning: "it cannot start, --check found errors, or init could not go on; stderr has the reason",
          },
          { term: "2", meaning: "it has to be started again" },
          { term: "130", meaning: "init or --check --online was interrupted" },
        ],
      },
      {
        title: "Files",
        blocks: [
          { term: "/etc/gitopper/config.toml", meaning: "the config of the packaged unit; init writes it" },
          { term: "/var/lib/gitopper", meaning: "state, stores and saved edits" },
        ],
      },
    ],
    seeAlso: ["gitopperctl(1)", "gitopperhdr(1)", "systemctl(1)", "git(1)"],
  };
}

function gitopperhdr(): ManPage {
  const program = buildProgram(() => {});
  return {
    name: "gitopperhdr",
    section: 1,
    version,
    summary: "print a header that says where to edit a managed file",
    synopsis: ["[options] file ..."],
    sections: [
      {
        title: "Description",
        blocks: [
          { paragraph: program.description() },
          {
            paragraph:
              "The address names the current branch. The program only prints the header; you add it to the file.",
          },
        ],
      },
      { title: "Options", blocks: optionsOf(program) },
      {
        title: "Exit status",
        blocks: statuses("Exit status: 0 success, 1 failure, 2 the command line is invalid."),
      },
      {
        title: "Examples",
        blocks: [{ lines: ["gitopperhdr prometheus.yml", "gitopperhdr -p // -l nl named.conf"] }],
      },
    ],
    seeAlso: ["gitopper(8)", "gitopperctl(1)"],
  };
}

/** As commander's own help has them, without defaults that go without saying. */
function optionsOf(program: Commander): Block[] {
  const help = program.createHelp();
  return help.visibleOptions(program).map((option) => ({
    term: help.optionTerm(option),
    meaning: help.optionDescription(option).replace(/ \(default: (false|\[\])\)$/, ""),
  }));
}

/** `Exit status: 0 done, 1 …` as a list. */
function statuses(text: string): Block[] {
  const parts = text
    .replace(/^Exit status: /, "")
    .replaceAll("\n", " ")
    .split(/(?:^|, )(?=\d )/);
  return parts.filter(Boolean).map((part) => {
    const [, status = "", meaning = ""] = /^(\d) (.*)$/s.exec(part) ?? [];
    return { term: status, meaning: meaning.replace(/[,.]$/, "") };
  });
}

/** A paragraph for each sentence that starts a line. */
function sentences(text: string): Block[] {
  return text.split(/\.\n/).map((paragraph) => ({ paragraph: `${paragraph.replace(/\.$/, "")}.` }));
}
