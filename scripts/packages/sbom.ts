/** What the programs consist of, in CycloneDX: the libraries from npm, and node with what it contains. */
import { createHash } from "node:crypto";
import { type Build, runTool } from "./build.ts";
import { licenseOf } from "./copyright.ts";
import { lockedLibraries } from "./lock.ts";

interface Component {
  name: string;
  version: string;
  purl?: string;
  licenses?: readonly unknown[];
  components?: readonly unknown[];
}

interface Sbom {
  serialNumber: string;
  metadata: { timestamp: string; tools?: unknown; component: Component };
  components: Component[];
}

/** `npm sbom`, without the time and the machine of the build. */
export async function renderSbom({ version, epoch }: Build): Promise<string> {
  const argv = [
    "npm",
    "sbom",
    "--sbom-format=cyclonedx",
    "--sbom-type=application",
    "--omit=dev",
    "--package-lock-only",
  ];
  const sbom: Sbom = JSON.parse(await runTool(argv));
  const { metadata } = sbom;
  delete metadata.tools;
  metadata.timestamp = new Date(epoch * 1000).toISOString();
  metadata.component = {
    ...metadata.component,
    name: "gitopper",
    version,
    purl: `pkg:npm/gitopper@${version}`,
  };
  sbom.components = sbom.components.map(describe);
  sbom.serialNumber = "";
  sbom.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(sbom))}`;
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

function describe(component: Component): Component {
  if (/^node-linux-/.test(component.name)) return { ...component, components: insideNode() };
  const library = lockedLibraries().find(({ name }) => name === component.name);
  const named = component.licenses !== undefined || library === undefined;
  return named ? component : { ...component, licenses: [{ license: { id: licenseOf(library) } }] };
}

/** The build runs on the node that is packaged. */
function insideNode(): unknown[] {
  const { node, modules, napi, ...libraries } = process.versions;
  const self = { type: "platform", name: "node", version: node, purl: `pkg:generic/node@${node}` };
  const inside = Object.entries(libraries).map(([name, version]) => ({ type: "library", name, version }));
  return [{ ...self, licenses: [{ license: { id: "MIT" } }], components: inside }];
}

/** A UUID of version 8 (RFC 9562) from a text. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
