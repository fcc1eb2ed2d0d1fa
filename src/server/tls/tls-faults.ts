/** Why HTTPS cannot use the files of the config; loads TLS only when the config names files. */
import type { ApiSettings } from "../../model/service.ts";

export async function tlsFaults({ cert, key, clientCa }: ApiSettings): Promise<readonly string[]> {
  if (cert === null || key === null) return [];
  const { loadTlsFiles } = await import("./tls.ts");
  try {
    loadTlsFiles({ cert, key, clientCa });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
