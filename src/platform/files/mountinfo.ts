/** Parses /proc/self/mountinfo, as proc(5) describes it. */

export interface MountPoint {
  readonly point: string;
  /** The file system, as `major:minor`. */
  readonly device: string;
  /** The mounted part of its file system; ends with `//deleted` when it is gone. */
  readonly root: string;
  /** Options of this mount, not of its file system: `ro` or `rw`, `nosuid`, `relatime`, … */
  readonly options: readonly string[];
}

/** The mounts, in the order of mounting; a covered mount point appears again later. */
export function parseMountPoints(text: string): MountPoint[] {
  return text.split("\n").flatMap((line) => {
    const [, , device, root, point, options] = line.split(" ");
    if (device === undefined || root === undefined || point === undefined) return [];
    return [
      { device, root: unescapeOctal(root), point: unescapeOctal(point), options: options?.split(",") ?? [] },
    ];
  });
}

/** The kernel writes space, tab, line feed and backslash as `\040`; UTF-8 is unchanged. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
