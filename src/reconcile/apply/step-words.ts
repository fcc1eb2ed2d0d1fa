/** The names of steps in progress reports. Pure. */

import type { StepWord } from "../../model/deployment/progress.ts";
import type { Service } from "../../model/service.ts";
import type { Step } from "../../rollout/plan.ts";

const words: Readonly<Record<Step["do"], StepWord>> = {
  "install-package": "package",
  "set-aside": "fetch",
  "add-checkout": "fetch",
  narrow: "fetch",
  stage: "fetch",
  "save-edits": "publish",
  "clear-drift": "publish",
  check: "check",
  publish: "publish",
  unmount: "mount",
  mount: "mount",
  "daemon-reload": "unit",
  systemctl: "unit",
  verify: "health",
};

export function wordOf(step: Step): StepWord {
  return words[step.do];
}

const detailMaxChars = 80;

/** What is run for a step; empty: nothing to add. */
export function detailOf(step: Step, { check }: Service): string {
  switch (step.do) {
    case "install-package":
      return step.name;
    case "check":
      return cut(check?.commands.map((argv) => argv.join(" ")).join("; ") ?? "");
    case "daemon-reload":
      return "systemctl daemon-reload";
    case "systemctl":
      return `systemctl ${step.verb}`;
    default:
      return "";
  }
}

function cut(text: string): string {
  return text.length > detailMaxChars ? `${text.slice(0, detailMaxChars - 1)}…` : text;
}
