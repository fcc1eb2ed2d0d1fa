import { expect, test } from "vitest";
import { modeFault } from "./modes.ts";

test("plain files, directories and symlinks are fine, everything else is named", () => {
  for (const mode of ["100644", "100755", "100664", "100775", "120000", "040000"])
    expect(modeFault("a", mode)).toBeNull();
  expect(modeFault("a/b", "160000")).toBe(
    '"a/b" is a submodule; commit plain files, directories and symlinks alone',
  );
  for (const mode of ["104755", "102755", "101777", "020644", "060644", "010644", "140755"])
    expect(modeFault("a", mode)).toContain(`has the mode ${mode}`);
  expect(modeFault("a", "104755")).toContain('"a" has the mode 104755');
});
