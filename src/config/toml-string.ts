/** Strings for a config that gitopper writes. */

/** A basic string of TOML: JSON escapes the same characters, but for DEL. Pure. */
export function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}
