/** Durations in Go's format, as in the original's flags. */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const charsMax = 100;

/** `1s`, `5m0s`, `1h30m`, `1.5h` in ms; null: anything else, and the empty text. */
export function parseDuration(text: string): number | null {
  if (text.length > charsMax || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return null;
  let ms = 0;
  for (const part of text.split(/(?<=[a-z])(?=\d)/))
    ms += Number.parseFloat(part) * (unitMs[part.replace(/[\d.]/g, "")] ?? 0);
  return ms;
}

/** The same format in whole units: `2h30m`, `45s`, `1h0.5s` as `1h500ms`. */
export function renderDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const unit of ["h", "m", "s", "ms"]) {
    const amount = Math.floor(rest / (unitMs[unit] ?? 1));
    rest -= amount * (unitMs[unit] ?? 1);
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text || "0s";
}
