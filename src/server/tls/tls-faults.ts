/** Why HTTPS cannot use the files of the config; loads TLS only when the config names files. */
import type { ApiSettings } from "../../model/service.ts";
import { messageOf } from "../../model/text/error-message.ts";

export async function tlsFaults({ cert, key, clientCa }: ApiSettings): Promise<readonly string[]> {
  if (cert === null || key === null) return [];
  const { loadTlsFiles } = await import("./tls.ts");
  try {
    loadTlsFiles({ cert, key, clientCa });
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
