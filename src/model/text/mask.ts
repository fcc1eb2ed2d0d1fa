/** Removes secrets from text before it is shown. */

/**
 * Replaces gitopper's tokens, and the user part of URLs up to the last "@" before the path: `https://bob:pw@host/`
 * becomes `https://***@host/`; `git@` stays.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(/\b(gitopper_[0-9a-f]{12}_)[\w-]{43}/g, "$1***")
    .replace(/:\/\/[^/\s"']+@/g, (whole) => (whole === "://git@" ? whole : "://***@"));
}
