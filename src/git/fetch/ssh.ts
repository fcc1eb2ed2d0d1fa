/** How ssh(1) is called, by git and in its stead. */

/** It asks nobody anything, and notices when the other side is gone. */
export const sshArgv: readonly string[] = [
  "ssh",
  "-oBatchMode=yes",
  "-oConnectTimeout=20",
  "-oServerAliveInterval=15",
  "-oServerAliveCountMax=4",
];

const urlForm = /^ssh:\/\/((?:[A-Za-z0-9][\w.+-]*@)?[A-Za-z0-9][\w.-]*)(?::(\d+))?(\/[\w./+-]+)$/;
/** `user@host:path`, as git-clone(1) has it; with "//" it is a URL. */
const scpForm = /^((?:[A-Za-z0-9][\w.+-]*@)?[A-Za-z0-9][\w.-]*):(?!\/\/)([\w./+-]+)$/;

/**
 * What git has ssh run for an upstream (`connect.c`: `git-upload-pack '<path>'`, protocol 2 asked for by GIT_PROTOCOL);
 * null where anything in it is unusual.
 */
export function uploadPackArgv(upstream: string): readonly string[] | null {
  const [, destination, port, there] = urlForm.exec(upstream) ?? scpParts(upstream);
  if (destination === undefined || there === undefined) return null;
  const at = port === undefined ? [] : ["-p", port];
  return [...sshArgv, "-oSendEnv=GIT_PROTOCOL", ...at, destination, `git-upload-pack '${there}'`];
}

function scpParts(upstream: string): (string | undefined)[] {
  const [whole, destination, there] = scpForm.exec(upstream) ?? [];
  return [whole, destination, undefined, there];
}
