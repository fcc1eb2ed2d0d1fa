/** Mounts and unmounts with system calls, or with mount(8) where they are missing. */
import { closeSync } from "node:fs";
import type { Exec } from "../../platform/process/exec.ts";
import { CallFailure, findMountCalls, type MountCalls } from "./mount-calls.ts";
import { createProgramMounter, type Mounter, type OpenTarget } from "./mount-programs.ts";

/** `calls` null: use mount(8) and umount(8). */
export function createMounter(exec: Exec, calls: MountCalls | null = findMountCalls()): Mounter {
  const programs = createProgramMounter(exec);
  if (calls === null) return programs;
  return {
    mount: async (from, target, how) => {
      const copy = copyOrNull(calls, from, how.readOnly);
      if (copy === null) return programs.mount(from, target, how);
      try {
        putInPlace(calls, copy, target, how.replaces);
      } finally {
        closeSync(copy);
      }
    },
    unmount: async (target) => {
      using top = target();
      return calls.detach(top.fd);
    },
  };
}

/** Null on a kernel before 5.12, or in a container that forbids the calls. */
function copyOrNull(calls: MountCalls, from: number, readOnly: boolean): number | null {
  try {
    return calls.copy(from, readOnly);
  } catch (error) {
    if (error instanceof CallFailure && ["ENOSYS", "EPERM"].includes(error.code)) return null;
    throw error;
  }
}

/** Readers always find a mount; before kernel 6.5 it is missing for the time of two calls. */
function putInPlace(calls: MountCalls, copy: number, target: OpenTarget, replaces: boolean): void {
  if (replaces) {
    using top = target();
    const beneath = calls.attachBeneath(copy, top.fd);
    calls.detach(top.fd);
    if (beneath) return;
  }
  using bare = target();
  calls.attach(copy, bare.fd);
}
