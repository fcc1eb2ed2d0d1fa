/** Calls the C library through node's foreign function interface. */
import type { DynamicLibraryResult, FunctionDefinitions } from "node:ffi";

export interface CLibrary<F extends FunctionDefinitions> {
  readonly functions: DynamicLibraryResult<F>["functions"];
  getInt32(pointer: bigint): number;
}

/** Null when node cannot call it (before 26), or the library lacks one of these functions. */
export function openCLibrary<const F extends FunctionDefinitions>(symbols: F): CLibrary<F> | null {
  try {
    const { dlopen, getInt32 } = process.getBuiltinModule("node:ffi");
    return { functions: dlopen(null, symbols).functions, getInt32 };
  } catch {
    return null;
  }
}
