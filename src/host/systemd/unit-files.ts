/** Files that define units: their unit, and the command that verifies them. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isAtOrBelow } from "../../model/path.ts";
import { stampOf } from "../../platform/files/watch-path.ts";

/** A file that a commit adds, changes or removes, at its path on the host. */
export interface ChangedFile {
  readonly path: string;
  readonly is: "file" | "symlink" | "gone";
}

/** Every type of systemd.unit(5). */
const unitName =
  /^[\w:.\\@-]*[\w:.\\@]\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/**
 * The units to verify when these files change: those whose own file is new or changed, and existing ones with a drop-in
 * such as `x.service.d/y.conf`. A symlink is an alias or masks a unit, and is no definition.
 */
export function unitsToVerify(
  files: readonly ChangedFile[],
  exists: (unit: string) => boolean = existsOnHost,
): string[] {
  const own = files.filter(
    ({ path }) => unitDirectories.includes(dirname(path)) && unitName.test(basename(path)),
  );
  const named = (is: ChangedFile["is"]) =>
    own.filter((file) => file.is === is).map(({ path }) => basename(path));
  const [defined, gone] = [named("file"), named("gone")];
  const extended = files.flatMap(({ path }) => unitOfDropIn(path) ?? []);
  const there = (unit: string) => defined.includes(unit) || (exists(unit) && !gone.includes(unit));
  const units = [...defined, ...extended.filter((unit) => there(unit) || there(templateOf(unit)))];
  return [...new Set(units)].sort();
}

/** Null: not a drop-in, or one for many units (`service.d`, `x-.service.d`). */
function unitOfDropIn(path: string): string | null {
  const directory = dirname(path);
  if (!path.endsWith(".conf") || !directory.endsWith(".d") || !unitDirectories.includes(dirname(directory)))
    return null;
  const unit = basename(directory, ".d");
  return unitName.test(unit) ? unit : null;
}

/** `x@y.service` is defined by `x@.service`. */
function templateOf(unit: string): string {
  const at = unit.indexOf("@");
  return at < 0 ? unit : unit.slice(0, at + 1) + unit.slice(unit.lastIndexOf("."));
}

function existsOnHost(unit: string): boolean {
  return unitDirectories.some((directory) => existsSync(join(directory, unit)));
}

/**
 * Fails for mistakes in these units, such as an unknown key, an invalid value or a missing program; not for those of
 * their dependencies, nor for missing man pages.
 */
export function verifyUnits(units: readonly string[]): string[] {
  return ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", "--", ...units];
}

/** Lines of `systemd-analyze verify`. */
const missing = /^\S+: Command (\S+) is not executable: No such file or directory$/;
/** Only says that an earlier line was an error. */
const summary = /^Unit \S+ has a bad unit file setting\.$/;

/** From the output of `systemd-analyze verify`: the missing programs, if nothing else is wrong; null: something else is wrong. */
export function missingPrograms(output: string): readonly string[] | null {
  const lines = output.split("\n").filter((line) => line !== "" && !summary.test(line));
  const programs = lines.map((line) => missing.exec(line)?.[1]);
  return programs.every((program) => program !== undefined) ? programs : null;
}

/** Where systemd reads the files of system units, see systemd.unit(5). */
const unitDirectories = [
  "/etc/systemd/system",
  "/etc/systemd/system.control",
  "/etc/systemd/system.attached",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** Generators (systemd.generator(7)), and the input of well-known ones: podman's, sysv's, fstab's and crypttab's. */
const generatorSources = [
  ...["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map((dir) => `${dir}/systemd/system-generators`),
  ...["/etc", "/run", "/usr/share"].map((dir) => `${dir}/containers/systemd`),
  ...["/etc/init.d", "/etc/fstab", "/etc/crypttab"],
];

/** True when unit files are read at this path, below it or above it. */
export function touchesUnitFiles(path: string): boolean {
  return touches(path, unitDirectories);
}

/**
 * True when a change at this path may change unit definitions; `known`: the files that define a unit now, and the input
 * of its generator.
 */
export function touchesDefinitions(path: string, known: readonly string[]): boolean {
  return (
    touches(path, [...unitDirectories, ...generatorSources]) || known.some((file) => isAtOrBelow(file, path))
  );
}

function touches(path: string, places: readonly string[]): boolean {
  return places.some((place) => isAtOrBelow(path, place) || isAtOrBelow(place, path));
}

/** Changes when one of the files is written, replaced or removed. */
export function stampOfFiles(files: readonly string[]): string {
  return files.map(stampOf).join(" ");
}
