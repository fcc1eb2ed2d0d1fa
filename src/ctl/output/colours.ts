/** Colours, for terminals that support them. */

const codes = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1 } as const;
export type Colour = keyof typeof codes;

export function paint(text: string, colour: Colour): string {
  return `\x1b[${codes[colour]}m${text}\x1b[0m`;
}

/** Colours the cells of a table by their word, if it has a colour. */
export function colourWith(
  colours: Readonly<Record<string, Colour>>,
  { colour }: { readonly colour: boolean },
): { dress?: (cell: string) => string } {
  if (!colour) return {};
  return {
    dress: (cell) => {
      const found = Object.hasOwn(colours, cell) ? colours[cell] : undefined;
      return found === undefined ? cell : paint(cell, found);
    },
  };
}

export const stateColours: Readonly<Record<string, Colour>> = {
  OK: "green",
  FREEZE: "cyan",
  ROLLBACK: "yellow",
  BROKEN: "red",
  DIFF: "red",
};
