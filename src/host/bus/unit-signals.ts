/** What systemd says on the bus about units: org.freedesktop.systemd1(5). Pure. */
import { fullName } from "../../model/unit-name.ts";
import { theBus } from "./bus.ts";
import type { Call, Header } from "./dbus.ts";

const systemd = "org.freedesktop.systemd1";
const managerPath = "/org/freedesktop/systemd1";
const manager = `${systemd}.Manager`;
const properties = "org.freedesktop.DBus.Properties";

/** The object of a unit: what is neither letter nor digit is `_` and two hex digits, and so is a digit in front. */
export function unitPath(unit: string): string {
  const escaped = [...Buffer.from(fullName(unit))].map((byte, index) => {
    const char = String.fromCharCode(byte);
    const plain = index === 0 ? /[a-zA-Z]/.test(char) : /[a-zA-Z0-9]/.test(char);
    return plain ? char : `_${byte.toString(16).padStart(2, "0")}`;
  });
  return `${managerPath}/unit/${escaped.join("")}`;
}

/** Asks systemd to send signals at all; the reply's sender is systemd's own name on the bus. */
export const subscribe: Call = {
  destination: systemd,
  path: managerPath,
  interface: manager,
  member: "Subscribe",
};

/** What concerns all units: their files were read again, or enabled or disabled, or there is another systemd. */
export const generalMatches: readonly Call[] = [
  `type='signal',sender='${systemd}',path='${managerPath}',interface='${manager}',member='Reloading'`,
  `type='signal',sender='${systemd}',path='${managerPath}',interface='${manager}',member='UnitFilesChanged'`,
  `type='signal',sender='${theBus.destination}',member='NameOwnerChanged',arg0='${systemd}'`,
].map(addMatch);

/** One signal for each change of the unit: the other, of what is special to its type, comes just before. */
export function unitMatch(path: string): Call {
  return addMatch(
    `type='signal',sender='${systemd}',path='${path}',interface='${properties}',member='PropertiesChanged',arg0='${systemd}.Unit'`,
  );
}

function addMatch(argument: string): Call {
  return { ...theBus, member: "AddMatch", argument };
}

export type Heard =
  | { readonly of: "unit"; readonly path: string }
  | { readonly of: "all" }
  | { readonly of: "another-systemd" };

/**
 * What a signal says; null: nothing that matters, or somebody else says it. Everyone on the host may send signals to
 * us, whatever we have asked for.
 */
export function readSignal(signal: Header, systemdName: string | null): Heard | null {
  if (signal.sender === theBus.destination)
    return signal.member === "NameOwnerChanged" ? { of: "another-systemd" } : null;
  if (signal.sender !== systemdName) return null;
  if (signal.interface === properties) return { of: "unit", path: signal.path };
  return signal.interface === manager ? { of: "all" } : null;
}
