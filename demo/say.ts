/** What the demo prints: steps, commands as a person would type them, what they print, and what it means. */

export interface Say {
  /** Starts a step. */
  step(title: string): void;
  /** What happened, in a line or two. */
  told(text: string): void;
  /** A command as it is typed. */
  command(text: string): void;
  /** What a command printed. */
  output(text: string): void;
  failed(text: string): void;
}

/** Colours only where `colour` is true. */
export function createSay(write: (text: string) => void, colour: boolean): Say {
  const paint = (code: string, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const lines = (text: string, indent: string, code: string): void => {
    if (text === "") return;
    for (const line of text.trimEnd().split("\n"))
      write(line === "" ? "\n" : `${indent}${paint(code, line)}\n`);
  };
  let steps = 0;
  return {
    step: (title) => write(`\n${paint("1;36", `${++steps}  ${title}`)}\n`),
    told: (text) => lines(text, "   ", "0"),
    command: (text) => write(`   ${paint("1", `$ ${text}`)}\n`),
    output: (text) => lines(text, "     ", "2"),
    failed: (text) => lines(text, "   ", "31"),
  };
}
