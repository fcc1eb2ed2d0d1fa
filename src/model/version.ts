/** The version of all three programs, taken from package.json when they are built. */
import pkg from "../../package.json" with { type: "json" };

export const version: string = pkg.version;
