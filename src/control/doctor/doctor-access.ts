/** Checks the files that let callers in: SSH keys, the certificate, and the secrets of webhooks. */
import type { DoctorCheck } from "../../api/shapes.ts";
import { secretsLeftOut } from "../../credentials/secret-files.ts";
import { keysLeftOut } from "../../credentials/ssh-keys.ts";
import type { AccessKey, ApiSettings, Settings } from "../../model/service.ts";
import type { Webhook } from "../../model/webhook.ts";
import { bad, ok } from "./doctor.ts";

export type AccessSettings = Pick<Settings, "keys" | "api" | "webhooks">;

/** Why HTTPS cannot use its files, as they are now. */
type TlsFaults = (api: ApiSettings) => readonly string[];

export function checkAccess(
  { keys, api, webhooks }: AccessSettings,
  tlsFaults: TlsFaults,
): readonly DoctorCheck[] {
  return [...checkKeys(keys), ...checkTls(api, tlsFaults), ...checkWebhooks(webhooks)];
}

function checkKeys(keys: readonly AccessKey[]): DoctorCheck[] {
  const leftOut = keysLeftOut(keys);
  const files = `${keys.length} file${keys.length === 1 ? "" : "s"}`;
  if (leftOut.length === 0)
    return [ok("keys", keys.length === 0 ? "none, so no SSH" : `${files} can be used`)];
  return leftOut.map((detail) =>
    bad("keys", detail, "its owner cannot come in over SSH until that is put right"),
  );
}

function checkTls(api: ApiSettings, tlsFaults: TlsFaults): DoctorCheck[] {
  if (api.cert === null) return [];
  const [fault] = tlsFaults(api);
  if (fault === undefined) return [ok("https", `${api.cert} can be used`)];
  return [bad("https", fault, "put the files right; where HTTPS is closed: systemctl reload gitopper")];
}

function checkWebhooks(webhooks: readonly Webhook[]): DoctorCheck[] {
  if (webhooks.length === 0) return [];
  const leftOut = secretsLeftOut(webhooks);
  if (leftOut.length === 0) return [ok("webhooks", `${webhooks.length}, with their secrets`)];
  return leftOut.map((detail) =>
    bad("webhooks", detail, "its pushes wait for the next poll until that is put right", "warning"),
  );
}
