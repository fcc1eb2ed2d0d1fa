/** Every kind of forge that is understood. */
import type { Forge } from "../../model/webhook.ts";
import { azure } from "./azure.ts";
import { bitbucket } from "./bitbucket.ts";
import type { Dialect } from "./forge.ts";
import { generic } from "./generic.ts";
import { forgejo, gitea, gogs } from "./gitea.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";

export const dialects: Readonly<Record<Forge, Dialect>> = {
  github,
  gitlab,
  gitea,
  forgejo,
  gogs,
  bitbucket,
  azure,
  generic,
};
