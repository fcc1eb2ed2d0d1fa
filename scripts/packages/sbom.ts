/** What the programs consist of, in CycloneDX: the libraries from npm, and node with what it contains. */
import { createHash } from "node:crypto";
import type { Build } from "./build.ts";
import { licenseOf } from "./copyright.ts";
import { type Locked, lockedLibraries, lockedNode } from "./lock.ts";

/** Without the time and the machine of the build; `npm sbom --omit=dev` leaves out libraries that a tool uses as well. */
export function renderSbom({ version, epoch }: Build): string {
  const self = { type: "application", name: "gitopper", version, purl: `pkg:npm/gitopper@${version}` };
  const component = { "bom-ref": "gitopper", ...self, licenses: named("Apache-2.0") };
  const sbom = {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { timestamp: new Date(epoch * 1000).toISOString(), component },
    components: [
      ...lockedLibraries().map((library) => ({ ...describe(library), licenses: named(licenseOf(library)) })),
      ...[lockedNode("amd64"), lockedNode("arm64")].map((node) => ({
        ...describe(node),
        licenses: named("MIT"),
        components: insideNode(node.name),
      })),
    ],
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(sbom))}`;
  return `${JSON.stringify({ ...sbom, serialNumber }, null, 2)}\n`;
}

function describe({ name, version, integrity }: Locked): object {
  const content = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { "bom-ref": purl, type: "library", name, version, purl, hashes: [{ alg: "SHA-512", content }] };
}

function named(id: string): unknown[] {
  return [{ license: { id } }];
}

/** The build runs on the node that is packaged. */
function insideNode(of: string): unknown[] {
  const { node, modules, napi, ...libraries } = process.versions;
  const inside = { node, ...libraries };
  return Object.entries(inside).map(([name, version]) => ({
    "bom-ref": `${of}/${name}`,
    type: "library",
    name,
    version,
  }));
}

/** A UUID of version 8 (RFC 9562) from a text. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
