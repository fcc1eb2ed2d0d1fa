/** Calls the C library through node's foreign function interface. */

/** Types as in node:ffi: `i32`, `u64`, `pointer`. */
export interface Signature {
  readonly arguments: readonly string[];
  readonly return: string;
}

export interface CLibrary<Functions> {
  readonly functions: Functions;
  getInt32(pointer: bigint, offset: number): number;
}

interface Ffi {
  dlopen(library: null, symbols: object): { readonly functions: unknown };
  getInt32(pointer: bigint, offset: number): number;
}

/** Null when node cannot call it (before 26), or the library lacks one of these functions. */
export function openCLibrary<Functions>(
  symbols: Readonly<Record<keyof Functions, Signature>>,
): CLibrary<Functions> | null {
  try {
    const ffi = process.getBuiltinModule("node:ffi") as unknown as Ffi | undefined;
    if (ffi === undefined) return null;
    const functions = ffi.dlopen(null, symbols).functions as Functions;
    return { functions, getInt32: (pointer, offset) => ffi.getInt32(pointer, offset) };
  } catch {
    return null;
  }
}
