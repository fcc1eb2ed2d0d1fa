/** Where the routes of version 1 are. */
import type { Asked } from "./route.ts";

export const v1 = "/api/v1";
/** One service. */
export const one = `${v1}/services/{service}`;

export const serviceOf = ({ params }: Pick<Asked, "params">): string => params.service ?? "";
