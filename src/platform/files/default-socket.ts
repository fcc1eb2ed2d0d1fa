/** The default path of the daemon's Unix socket, for the daemon and gitopperctl. */
export const defaultSocket = "/run/gitopper/gitopper.sock";
