/** How git calls ssh(1). */

/** Never prompts, and notices when the other side is gone. */
export const sshArgv: readonly string[] = [
  "ssh",
  "-oBatchMode=yes",
  "-oConnectTimeout=20",
  "-oServerAliveInterval=15",
  "-oServerAliveCountMax=4",
];
