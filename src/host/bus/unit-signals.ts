/** Parses systemd's signals about units: org.freedesktop.systemd1(5). Pure. */
import { fullName } from "../../model/unit-name.ts";
import { theBus } from "./bus.ts";
import type { Call, Header } from "./dbus.ts";

const systemd = "org.freedesktop.systemd1";
const managerPath = "/org/freedesktop/systemd1";
const manager = `${systemd}.Manager`;
const properties = "org.freedesktop.DBus.Properties";

/** The D-Bus object of a unit: other characters than letters and digits, and a leading digit, become `_` and two hex digits. */
export function unitPath(unit: string): string {
  const escaped = [...Buffer.from(fullName(unit))].map((byte, index) => {
    const char = String.fromCharCode(byte);
    const plain = index === 0 ? /[a-zA-Z]/.test(char) : /[a-zA-Z0-9]/.test(char);
    return plain ? char : `_${byte.toString(16).padStart(2, "0")}`;
  });
  return `${managerPath}/unit/${escaped.join("")}`;
}

/** Makes systemd send signals; the sender of the reply is systemd's unique name on the bus. */
export const subscribe: Call = {
  destination: systemd,
  path: managerPath,
  interface: manager,
  member: "Subscribe",
};

/** Signals about all units: unit files were reloaded, enabled or disabled, or systemd was restarted. */
export const generalMatches: readonly Call[] = [
  `type='signal',sender='${systemd}',path='${managerPath}',interface='${manager}',member='Reloading'`,
  `type='signal',sender='${systemd}',path='${managerPath}',interface='${manager}',member='UnitFilesChanged'`,
  `type='signal',sender='${theBus.destination}',member='NameOwnerChanged',arg0='${systemd}'`,
].map(addMatch);

/** One signal per change of the unit; the one for its type's properties comes just before it. */
export function unitMatch(path: string): Call {
  return addMatch(
    `type='signal',sender='${systemd}',path='${path}',interface='${properties}',member='PropertiesChanged',arg0='${systemd}.Unit'`,
  );
}

function addMatch(argument: string): Call {
  return { ...theBus, member: "AddMatch", argument };
}

export type UnitSignal =
  | { readonly of: "unit"; readonly path: string }
  | { readonly of: "all" }
  | { readonly of: "another-systemd" };

/**
 * The meaning of a signal; null: irrelevant, or not from systemd. Every user of the host may send signals to us,
 * whatever we have subscribed to.
 */
export function readSignal(signal: Header, systemdName: string | null): UnitSignal | null {
  if (signal.sender === theBus.destination)
    return signal.member === "NameOwnerChanged" ? { of: "another-systemd" } : null;
  if (signal.sender !== systemdName) return null;
  if (signal.interface === properties) return { of: "unit", path: signal.path };
  return signal.interface === manager ? { of: "all" } : null;
}
