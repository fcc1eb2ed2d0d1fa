/** A message of commander in one line, without its prefix and its full stop. */
export function usageLine(message: string): string {
  return message
    .replace(/^error: /, "")
    .split("\n")
    .map((part) => part.trim())
    .join(" ")
    .replace(/\.$/, "");
}
