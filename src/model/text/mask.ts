/** Takes secrets out of text before anyone sees it. */

/**
 * Replaces gitopper's own tokens, and the user part of URLs: `https://bob:pw@host/` becomes `https://***@host/`; `git@`
 * stays. Up to the last "@" before the path.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(/\b(gitopper_[0-9a-f]{12}_)[\w-]{43}/g, "$1***")
    .replace(/:\/\/[^/\s"']+@/g, (whole) => (whole === "://git@" ? whole : "://***@"));
}
