/** Where the daemon has its Unix socket unless `--socket` says otherwise, and where gitopperctl looks for it. */
export const defaultSocket = "/run/gitopper/gitopper.sock";
